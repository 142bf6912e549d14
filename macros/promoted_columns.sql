{# One column for each custom field that the contract of the mart promotes, after the ones before; without any, nothing.
   Values come from the published fields only, so none is personal. #}
{% macro promoted_columns(mart, custom_fields) -%}
    {%- for field in promoted_fields(mart) -%}
    ,
        try_cast(
            coalesce(
                {%- for title in field.titles %}
                {{ json_text(public_fields(custom_fields), title) }}{{ ', ' if not loop.last }}
                {%- endfor %}, null
            ) as {{ field.type }}
        ) as {{ field.name }}
    {%- endfor -%}
{%- endmacro %}
