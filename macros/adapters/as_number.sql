{# A number of a type from exported text: spaces, currency signs and codes and thousands marks dropped, the file's
   decimal mark heeded, brackets read as less than nothing. More decimals than the type holds make it null (and
   counted), not rounded; so does a thousands mark that parts no thousands, which is a decimal mark in a file that says
   otherwise. #}
{% macro as_number(column, data_type, formats=none) -%}
    {{ return(adapter.dispatch('as_number')(column, data_type, formats)) }}
{%- endmacro %}

{% macro default__as_number(column, data_type, formats=none) -%}
    {%- set mark = formats ~ 'decimal_mark' if formats else '_decimal_mark' -%}
    {%- set digits -%}
        regexp_replace(
            regexp_replace(replace({{ column }}, '−', '-'), '[\s\x{00A0}\x{202F}\x{2019}€$£'']|^[A-Z]{3}|[A-Z]{3}$', '', 'g'),
            '^\((.*)\)$', '-\1'
        )
    {%- endset -%}
    {%- set plain -%}
        case
            when {{ mark }} = ',' then
                case
                    when not contains({{ digits }}, '.') or regexp_full_match({{ digits }}, '[+-]?\d{1,3}(\.\d{3})+(,\d*)?')
                        then replace(replace({{ digits }}, '.', ''), ',', '.')
                end
            when not contains({{ digits }}, ',') or regexp_full_match({{ digits }}, '[+-]?\d{1,3}(,\d{3})+(\.\d*)?')
                then replace({{ digits }}, ',', '')
        end
    {%- endset -%}
    {%- if data_type == 'double' -%}
    try_cast({{ plain }} as double)
    {%- else -%}
    {%- set scale = data_type.split(',')[1] | replace(')', '') | trim if ',' in data_type else '0' -%}
    case when regexp_full_match({{ plain }}, '[+-]?\d*(\.\d{0,{{ scale }}}0*)?') then try_cast({{ plain }} as {{ data_type }}) end
    {%- endif -%}
{%- endmacro %}
