{# `create_csv_table` has filled the table already. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {{ return('') }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {{ return('') }}
{% endmacro %}
