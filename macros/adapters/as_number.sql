{# A number of a type from exported text: spaces, currency signs and codes and thousands marks dropped, the file's
   decimal mark heeded, brackets read as less than nothing. More decimals than the type holds make it null (and
   counted), not rounded, as somebody entered them; of what is measured (`rounded: true` in the contract), such as the
   spend that a platform counts, they are rounded. A thousands mark that parts no thousands makes it null, too: it is a
   decimal mark in a file that says otherwise.

   What programs write of a float is read, too: powers of ten (1.25E7 are Salesforce's ten million and more) exactly, and
   of more than 15 digits those that are noise (19.990000000000002), which is told by four zeros or nines past the scale.
   1.25E+07, as spreadsheets show a large number, has lost the digits it does not show and stays unread. #}
{% macro as_number(column, data_type, formats=none, rounded=false) -%}
    {{ return(adapter.dispatch('as_number')(column, data_type, formats, rounded)) }}
{%- endmacro %}

{% macro default__as_number(column, data_type, formats=none, rounded=false) -%}
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
    {%- set power -%}
        regexp_full_match({{ column }}, '[+-]?\d+(\.\d+)?(E(\d{1,2}|[+-]\d)|e[+-]?\d{1,2})')
    {%- endset -%}
    {%- if data_type == 'double' -%}
    coalesce(try_cast({{ plain }} as double), case when {{ power }} then try_cast({{ column }} as double) end)
    {%- elif rounded -%}
    case
        when regexp_full_match({{ plain }}, '[+-]?\d*(\.\d*)?') then try_cast({{ plain }} as {{ data_type }})
        when {{ power }} then try_cast({{ column }} as {{ data_type }})
    end
    {%- else -%}
    {%- set scale = data_type.split(',')[1] | replace(')', '') | trim | int if ',' in data_type else 0 -%}
    {%- set exact = "try_cast(" ~ column ~ " as decimal(38, 19))" -%}
    {%- set noise = "cast(1e-" ~ (scale + 4) ~ " as decimal(38, 19))" -%}
    case
        when
            regexp_full_match({{ plain }}, '[+-]?\d*(\.\d{0,{{ scale }}}0*)?')
            or (length({{ plain }}) > 16 and regexp_full_match({{ plain }}, '[+-]?\d*\.\d{{ '{' ~ scale ~ '}' }}(0{4}|9{4})\d*'))
            then try_cast({{ plain }} as {{ data_type }})
        when
            {{ power }}
            and abs({{ exact }} - try_cast({{ column }} as {{ data_type }}))
            <= case when length({{ column }}) > 16 then {{ noise }} else 0 end
            then try_cast({{ column }} as {{ data_type }})
    end
    {%- endif -%}
{%- endmacro %}
