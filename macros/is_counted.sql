{# Whether nothing recorded is 0 of a KPI of the registry: of a sum, a count of people, a stock. What a period will bring is unknown. #}
{% macro is_counted(registry) -%}
    (
        {{ registry }}.aggregation in ('sum', 'distinct')
        or ({{ registry }}.aggregation = 'last' and {{ registry }}.unit <> 'ratio' and {{ registry }}.kpi_code <> 'forecast_bookings_amount')
    )
{%- endmacro %}
