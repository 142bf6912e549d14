{# Lower or upper end of the 95 % Wilson score interval of a proportion (Wilson 1927); null without trials. #}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set z = 1.959963984540054 -%}
    case
        when {{ trials }} > 0 then
            (
                ({{ successes }} + {{ z * z / 2 }})
                {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(greatest(0, {{ successes }} * (1 - cast({{ successes }} as double) / {{ trials }}) + {{ z * z / 4 }}))
            ) / ({{ trials }} + {{ z * z }})
    end
{%- endmacro %}
