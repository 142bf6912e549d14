{# How far a value is from another on a scale where chance is as wide everywhere: of shares the arcsine of the root, of
   counts the root, both in units of the value; of anything else the difference over the middle, which has bounds. #}
{% macro distance(value, from_value, interval_method) -%}
    case
        when {{ interval_method }} = 'wilson'
            then case when {{ from_value }} between 0 and 1 then asin(sqrt({{ value }})) - asin(sqrt({{ from_value }})) end
        when {{ interval_method }} = 'poisson' and {{ from_value }} > 0 then 2 * (sqrt({{ value }} / {{ from_value }}) - 1)
        when {{ from_value }} > 0
            then 2 * (greatest({{ value }}, 0) - {{ from_value }}) / (greatest({{ value }}, 0) + {{ from_value }})
    end
{%- endmacro %}
