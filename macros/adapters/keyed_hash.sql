{# HMAC-SHA-256 of a text under the warehouse's key, as hexadecimal: what stands for an e-mail address in marts. #}
{% macro keyed_hash(column) -%}
    {{ return(adapter.dispatch('keyed_hash')(column)) }}
{%- endmacro %}

{% macro duckdb__keyed_hash(column) -%}
    sha256(unhex(getvariable('identity_outer')) || unhex(sha256(unhex(getvariable('identity_inner')) || encode({{ column }}))))
{%- endmacro %}

{# The keys are variables of the session, which no plan and no log writes out. #}
{% macro spark__keyed_hash(column) -%}
    sha2(unhex(identity_outer) || unhex(sha2(unhex(identity_inner) || encode({{ column }}, 'UTF-8'), 256)), 256)
{%- endmacro %}
