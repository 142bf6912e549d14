{# Lower or upper end of the 95 % interval of a count, by Byar's approximation to the exact Poisson limits (Breslow
   and Day 1987, p. 69): within 1 % of the exact limits from a count of 2. #}
{% macro poisson_bound(count, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- if side == 'low' -%}
    case
        when {{ count }} = 0 then 0
        when {{ count }} > 0 then {{ count }} * power(1 - 1 / (9.0 * {{ count }}) - {{ z }} / (3 * sqrt({{ count }})), 3)
    end
    {%- else -%}
    case
        when {{ count }} >= 0 then ({{ count }} + 1) * power(1 - 1 / (9.0 * ({{ count }} + 1)) + {{ z }} / (3 * sqrt({{ count }} + 1)), 3)
    end
    {%- endif -%}
{%- endmacro %}
