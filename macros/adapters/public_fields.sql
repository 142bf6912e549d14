{# Custom fields, as JSON, without those whose name or value looks personal: they may be published. #}
{% macro public_fields(column) -%}
    {{ return(adapter.dispatch('public_fields')(column)) }}
{%- endmacro %}

{% macro duckdb__public_fields(column) -%}
    nullif(
        cast(to_json(map_from_entries(list_filter(
            map_entries(cast(cast({{ column }} as json) as map(varchar, varchar))),
            lambda field: not (
                {{ is_personal_title('field.key') }}
                or regexp_matches(field.value, '@|^[+0(][0-9 .()/x+-]{7,}$')
            )
        ))) as varchar),
        '{}'
    )
{%- endmacro %}

{% macro spark__public_fields(column) -%}
    nullif(
        to_json(map_filter(
            from_json({{ column }}, 'map<string, string>'),
            lambda field_key, field_value: not (
                {{ is_personal_title('field_key') }}
                or regexp_matches(field_value, '@|^[+0(][0-9 .()/x+-]{7,}$')
            )
        )),
        '{}'
    )
{%- endmacro %}
