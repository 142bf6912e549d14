{#
    One column per KPI, named by its code, of rows with one of them each: of amounts in cents. What is `counted` (a sum, a stock) is 0
    where a scope has recorded nothing since its first value, in months in which the company knows its own: without a row
    nobody could tell a rep who sold nothing from one who is not there, and a mean would leave the month out.
#}
{% macro kpi_columns(codes, counted) -%}
    {%- for code in codes -%}
    {%- set value -%}
        {%- if code in counted -%}
            case
            when {{ code }} is null and max({{ code }}) over so_far is not null and max(case when scope_type = 'company' then {{ code }} end) over of_all is not null
                then 0
            else {{ code }}
        end
        {%- else -%}
            {{ code }}
        {%- endif -%}
    {%- endset -%}
    cast({{ value }} as {{ 'decimal(18, 2)' if code.endswith('_amount') else 'double' }}) as {{ code }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
