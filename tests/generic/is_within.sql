{# The values of a column lie between two bounds, both included; null is no value. Returns those that do not. #}
{% test is_within(model, column_name, low, high) %}

select * from {{ model }}
where {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}

{% endtest %}
