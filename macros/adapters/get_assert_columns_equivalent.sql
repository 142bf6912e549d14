{# Whether a query has the columns of its contract, once its decimals are as wide as the contract says. #}
{% macro spark__get_assert_columns_equivalent(sql) %}
    {{ return(assert_columns_equivalent(get_select_subquery(sql))) }}
{% endmacro %}
