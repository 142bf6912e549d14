{# A view of DuckDB is a table on Spark: there a chain of views is planned and run again for each of its readers. #}
{% materialization view, adapter='spark' %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}
