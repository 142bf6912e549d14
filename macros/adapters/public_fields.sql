{# Custom fields, as JSON, without those whose name or value looks personal: they may be published. #}
{% macro public_fields(column) -%}
    {{ return(adapter.dispatch('public_fields')(column)) }}
{%- endmacro %}

{% macro duckdb__public_fields(column) -%}
    nullif(
        cast(to_json(map_from_entries(list_filter(
            map_entries(cast(cast({{ column }} as json) as map(varchar, varchar))),
            lambda field: not (
                regexp_matches({{ plain_text('field.key') }}, 'mail|phone|tel|mobile|fax|name|nom|address|adresse|street|rue|birth|naissance|note|comment|descri|linkedin|profil|url|website|site')
                or regexp_matches(field.value, '@|^[+0(][0-9 .()/x+-]{7,}$')
            )
        ))) as varchar),
        '{}'
    )
{%- endmacro %}
