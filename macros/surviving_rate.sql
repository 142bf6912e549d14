{# Kaplan and Meier's share that has not left yet after each time of an ordered window: the product of what each time
   leaves, as a sum of logarithms; nobody is left once all at risk have gone. #}
{% macro surviving_rate(left_count, at_risk_count, so_far) -%}
    case
        when max(case when {{ left_count }} = {{ at_risk_count }} then 1 else 0 end) over {{ so_far }} = 1 then 0
        else exp(sum(ln(1 - {{ left_count }} / nullif(cast({{ at_risk_count }} as double), {{ left_count }}))) over {{ so_far }})
    end
{%- endmacro %}
