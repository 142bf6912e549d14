{# A JSON text with some keys set: `values` maps keys to SQL expressions of text; null leaves a key out. Nothing becomes of no text. #}
{% macro with_keys(column, values) -%}
    {{ return(adapter.dispatch('with_keys')(column, values)) }}
{%- endmacro %}

{% macro duckdb__with_keys(column, values) -%}
    case
        when {{ column }} is not null
            then
                cast(
                    json_merge_patch(
                        cast({{ column }} as json),
                        json_object(
                            {%- for key, value in values.items() %}
                            '{{ key | replace("'", "''") }}', {{ value }}{{ ',' if not loop.last }}
                            {%- endfor %}
                        )
                    ) as varchar
                )
    end
{%- endmacro %}

{% macro spark__with_keys(column, values) -%}
    case
        when {{ column }} is not null
            then
                to_json(map_filter(
                    map_concat(
                        from_json({{ column }}, 'map<string, string>'),
                        map_from_arrays(
                            array({% for key in values %}'{{ key | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}),
                            array({{ values.values() | join(', ') }})
                        )
                    ),
                    lambda field_key, field_value: field_value is not null
                ))
    end
{%- endmacro %}
