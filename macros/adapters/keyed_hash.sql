{# HMAC-SHA-256 of a text under the warehouse's key, as hexadecimal: what stands for an e-mail address in marts. #}
{% macro keyed_hash(column) -%}
    {{ return(adapter.dispatch('keyed_hash')(column)) }}
{%- endmacro %}

{% macro duckdb__keyed_hash(column) -%}
    sha256(unhex(getvariable('identity_outer')) || unhex(sha256(unhex(getvariable('identity_inner')) || encode({{ column }}))))
{%- endmacro %}
