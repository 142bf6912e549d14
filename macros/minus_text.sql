{# The sign of a value of a unit, a minus or nothing: what is shown as nought has none. #}
{% macro minus_text(value, unit) -%}
    case
        when {{ value }} > -case {{ unit }}
            when 'rate' then 0.00005
            when 'EUR' then 0.005
            when 'EUR_per_day' then 0.005
            when 'ratio' then 0.005
            else 0.05
        end then ''
        else '-'
    end
{%- endmacro %}
