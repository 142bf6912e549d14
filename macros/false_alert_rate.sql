{# Share of false alerts allowed in a period: of a month the variable, of longer and shorter periods in proportion, so
   that a year has as many false ones whatever the rhythm. #}
{% macro false_alert_rate(period_grain) -%}
    {{ var('false_alert_rate') }} * case {{ period_grain }} when 'week' then 12.0 / 52 when 'quarter' then 3 else 1 end
{%- endmacro %}
