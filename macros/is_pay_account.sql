{# Whether an account of the French chart is for people at work: pay (64), what follows it (631, 633), outside staff (621). #}
{% macro is_pay_account(column) -%}
    ({{ column }} like '64%' or {{ column }} like '631%' or {{ column }} like '633%' or {{ column }} like '621%')
{%- endmacro %}
