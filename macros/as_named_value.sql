{# A text as the value it stands for, by a mapping of exported texts to values compared without case and accents; a
   text that is not listed stays as it is. #}
{% macro as_named_value(column, names) -%}
    case {{ plain_text('trim(' ~ column ~ ')') }}
        {%- for name, value in names.items() %}
        when {{ plain_text("'" ~ (name | replace("'", "''")) ~ "'") }} then '{{ value | replace("'", "''") }}'
        {%- endfor %}
        else {{ column }}
    end
{%- endmacro %}
