{# A contracted query with its decimals as wide as the contract says: Spark makes the sum of two wider than either. #}
{% macro spark__get_select_subquery(sql) %}
    select
        {%- for column in model['columns'].values() %}
        {% if column.data_type.startswith('decimal') -%}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}
        {%- else -%}
        {{ column.name }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ sql }}
    ) as contracted
{% endmacro %}
