{# A date from exported text that has no time: never shifted between time zones. With the year in front it may have
   slashes or points, too. Years of two digits are tried first: a format of four reads 26 as the year 26. #}
{% macro as_date(column, formats=none) -%}
    {{ return(adapter.dispatch('as_date')(column, formats)) }}
{%- endmacro %}

{% macro duckdb__as_date(column, formats=none) -%}
    {%- set order = formats ~ 'date_order' if formats else '_date_order' -%}
    case
        when regexp_matches({{ column }}, '^\d{4}-\d{2}-\d{2}')
            then try_cast(left({{ column }}, 10) as date)
        when regexp_matches({{ column }}, '^\d{4}[/.]\d{2}[/.]\d{2}')
            then try_cast(translate(left({{ column }}, 10), '/.', '--') as date)
        when regexp_full_match({{ column }}, '\d{8}')
            then cast(try_strptime({{ column }}, '%Y%m%d') as date)
        when {{ order }} = 'dmy'
            then cast(try_strptime(translate(split_part({{ column }}, ' ', 1), '.-,', '//'), ['%d/%m/%y', '%d/%m/%Y']) as date)
        when {{ order }} = 'mdy'
            then cast(try_strptime(translate(split_part({{ column }}, ' ', 1), '.-,', '//'), ['%m/%d/%y', '%m/%d/%Y']) as date)
    end
{%- endmacro %}

{% macro spark__as_date(column, formats=none) -%}
    {%- set order = formats ~ 'date_order' if formats else '_date_order' -%}
    {%- set written -%}
        translate(split_part({{ column }}, ' ', 1), '.-,', '//')
    {%- endset -%}
    case
        when regexp_matches({{ column }}, '^\d{4}-\d{2}-\d{2}')
            then try_cast(left({{ column }}, 10) as date)
        when regexp_matches({{ column }}, '^\d{4}[/.]\d{2}[/.]\d{2}')
            then try_cast(translate(left({{ column }}, 10), '/.', '--') as date)
        when regexp_full_match({{ column }}, '\d{8}')
            then cast(try_to_timestamp({{ column }}, 'yyyyMMdd') as date)
        when {{ order }} = 'dmy'
            then cast(coalesce(try_to_timestamp({{ written }}, 'd/M/yy'), try_to_timestamp({{ written }}, 'd/M/yyyy')) as date)
        when {{ order }} = 'mdy'
            then cast(coalesce(try_to_timestamp({{ written }}, 'M/d/yy'), try_to_timestamp({{ written }}, 'M/d/yyyy')) as date)
    end
{%- endmacro %}
