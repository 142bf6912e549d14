{# Custom fields, as JSON, whose keys of 40 hexadecimal digits and ids of options have given way to their labels, each in
   a map; keys and values without a label stay. #}
{% macro labelled_fields(column, field_labels, option_labels) -%}
    {{ return(adapter.dispatch('labelled_fields')(column, field_labels, option_labels)) }}
{%- endmacro %}

{% macro duckdb__labelled_fields(column, field_labels, option_labels) -%}
    {%- set key = "regexp_extract(field.key, '[0-9a-f]{40}')" -%}
    case
        when {{ field_labels }} is null then {{ column }}
        else
            cast(
                list_reduce(
                    list_transform(
                        map_entries(cast(cast({{ column }} as json) as map(varchar, varchar))),
                        lambda field: json_object(
                            case
                                when {{ field_labels }}[{{ key }}] is null then field.key
                                else replace(regexp_replace(field.key, '^custom_fields\.', ''), {{ key }}, {{ field_labels }}[{{ key }}])
                            end,
                            array_to_string(
                                list_transform(
                                    string_split(field.value, ','),
                                    lambda part: coalesce({{ option_labels }}[{{ key }} || ':' || trim(part)], part)
                                ), ','
                            )
                        )
                    ),
                    lambda earlier, later: json_merge_patch(earlier, later)
                ) as varchar
            )
    end
{%- endmacro %}

{% macro spark__labelled_fields(column, field_labels, option_labels) -%}
    {%- set key = "regexp_extract(field.key, '[0-9a-f]{40}', 0)" -%}
    case
        when {{ field_labels }} is null then {{ column }}
        else
            to_json(map_from_entries(transform(
                map_entries(from_json({{ column }}, 'map<string, string>')),
                lambda field: named_struct(
                    'key',
                    case
                        when element_at({{ field_labels }}, {{ key }}) is null then field.key
                        else replace(regexp_replace(field.key, '^custom_fields\.', ''), {{ key }}, element_at({{ field_labels }}, {{ key }}))
                    end,
                    'value',
                    array_join(
                        transform(
                            split(field.value, ','),
                            lambda part: coalesce(element_at({{ option_labels }}, {{ key }} || ':' || trim(part)), part)
                        ), ','
                    )
                )
            )))
    end
{%- endmacro %}
