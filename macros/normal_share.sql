{# The share of a standard normal distribution below a value, by Page's approximation (1977): within 0.0002. #}
{% macro normal_share(value) -%}
    (1 / (1 + exp(-greatest(-8, least(8, {{ value }})) * (1.5976 + 0.070565992 * power(greatest(-8, least(8, {{ value }})), 2)))))
{%- endmacro %}
