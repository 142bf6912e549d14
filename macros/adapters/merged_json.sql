{# One JSON text of several: each key with the value of the first that has it, in the order of a rank. An aggregate. #}
{% macro merged_json(column, rank) -%}
    {{ return(adapter.dispatch('merged_json')(column, rank)) }}
{%- endmacro %}

{% macro duckdb__merged_json(column, rank) -%}
    cast(
        list_reduce(
            list(cast({{ column }} as json) order by {{ rank }} desc) filter (where {{ column }} is not null),
            lambda later, earlier: json_merge_patch(later, earlier)
        ) as varchar
    )
{%- endmacro %}
