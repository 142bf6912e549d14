{# The columns of an export that no contract names, as JSON. What the contract of the mart promotes to a number, a date
   or a boolean is written the way SQL reads it, as only here the file's decimal mark and date order are known; a value
   that is none stays as exported. #}
{% macro custom_fields(mart, column='_extra') -%}
    {%- set typed = {} -%}
    {%- for field in promoted_fields(mart) -%}
        {%- for title in field.titles -%}
            {%- set text = json_text(column, title) -%}
            {%- if field.type in ('bigint', 'double') or field.type.startswith('decimal') -%}
                {%- do typed.update({title: 'coalesce(cast(' ~ as_number(text, field.type) ~ ' as varchar), ' ~ text ~ ')'}) -%}
            {%- elif field.type == 'date' -%}
                {%- do typed.update({title: 'coalesce(cast(' ~ as_date(text) ~ ' as varchar), ' ~ text ~ ')'}) -%}
            {%- elif field.type == 'timestamp' -%}
                {%- do typed.update({title: 'coalesce(cast(' ~ as_timestamp(text) ~ ' as varchar), ' ~ text ~ ')'}) -%}
            {%- elif field.type == 'boolean' -%}
                {%- do typed.update({title: 'coalesce(cast(' ~ as_boolean(text) ~ ' as varchar), ' ~ text ~ ')'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ with_keys(column, typed) if typed else column }}
{%- endmacro %}
