{# Tables of Parquet files hold no rule about their rows: contracts are checked there for names and types alone. The build on
   DuckDB holds the rules on the same rows. #}
{% macro spark__persist_constraints(relation, model) %}
    {{ return('') }}
{% endmacro %}
