{# A boolean from exported text: true, 1, yes, oui, vrai and their opposites, in any case. #}
{% macro as_boolean(column) -%}
    case
        when lower({{ column }}) in ('true', 't', '1', '1.0', 'yes', 'y', 'oui', 'vrai') then true
        when lower({{ column }}) in ('false', 'f', '0', '0.0', 'no', 'n', 'non', 'faux') then false
    end
{%- endmacro %}
