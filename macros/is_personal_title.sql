{# Whether the title of a custom field looks personal: such a field is not published. #}
{% macro is_personal_title(column) -%}
    regexp_matches({{ plain_text(column) }}, 'mail|phone|tel|mobile|fax|name|nom|contact person|address|adresse|street|rue|birth|naissance|note|comment|descri|linkedin|profil|url|website|site')
{%- endmacro %}
