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

{% macro spark__merged_json(column, rank) -%}
    nullif(
        to_json(aggregate(
            sort_array(collect_list(case when {{ column }} is not null then named_struct('place', {{ rank }}, 'text', {{ column }}) end), false),
            cast(map_from_arrays(array(), array()) as map(varchar, varchar)),
            lambda later, earlier: map_concat(later, from_json(earlier.text, 'map<string, string>'))
        )),
        '{}'
    )
{%- endmacro %}
