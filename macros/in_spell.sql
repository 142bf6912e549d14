{# Whether a spell of a rep holds on a day, or on some day from one to another; on a day that is not known, whether it is
   the present one. #}
{% macro in_spell(spells, rep, from_day, to_day=none) -%}
    {{ rep }} = {{ spells }}.rep_id
    and coalesce({{ to_day or from_day }}, cast('9999-12-31' as date)) >= coalesce({{ spells }}.valid_from_date, cast('0001-01-01' as date))
    and coalesce({{ from_day }}, cast('9999-12-31' as date)) <= coalesce({{ spells }}.valid_to_date, cast('9999-12-31' as date))
{%- endmacro %}
