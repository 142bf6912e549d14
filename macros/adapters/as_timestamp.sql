{# A timestamp in UTC, without an offset, from exported text: ISO with or without an offset, epoch seconds or
   milliseconds, or day and month in the file's own order. Times without an offset are in the file's time zone.
   `formats` is the alias, with its dot, of the columns date_order and time_zone; by default those of current_rows.
   Slashes or points may follow a year in front. Years of two digits are tried first: a format of four reads 26 as the
   year 26. Commas, and spaces before AM and PM, also narrow ones, are how a locale writes them. #}
{% macro as_timestamp(column, formats=none) -%}
    {{ return(adapter.dispatch('as_timestamp')(column, formats)) }}
{%- endmacro %}

{% macro duckdb__as_timestamp(column, formats=none) -%}
    {%- set order = formats ~ 'date_order' if formats else '_date_order' -%}
    {%- set zone = formats ~ 'time_zone' if formats else '_time_zone' -%}
    {%- set written -%}
        regexp_replace(regexp_replace({{ column }}, '[.-]', '/', 'g'), ',|[\s\x{00A0}\x{202F}]([AaPp][Mm])$', '\1', 'g')
    {%- endset -%}
    {%- set times = ['%I:%M:%S%p', '%I:%M%p', '%H:%M:%S', '%H:%M', ''] -%}
    {%- set dashed -%}
        translate(left({{ column }}, 10), '/.', '--') || substr({{ column }}, 11)
    {%- endset -%}
    case
        {%- for text, sign in [(column, '-'), (dashed, '[/.]')] %}
        when regexp_matches({{ column }}, '^\d{4}{{ sign }}\d{2}{{ sign }}\d{2}.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$')
            then cast(try_cast({{ text }} as timestamptz) as timestamp)
        when regexp_matches({{ column }}, '^\d{4}{{ sign }}\d{2}{{ sign }}\d{2}')
            then timezone('UTC', timezone({{ zone }}, try_cast({{ text }} as timestamp)))
        {%- endfor %}
        when regexp_full_match({{ column }}, '\d{10}')
            then make_timestamp(cast({{ column }} as bigint) * 1000000)
        when regexp_full_match({{ column }}, '\d{13}')
            then make_timestamp(cast({{ column }} as bigint) * 1000)
        when regexp_full_match({{ column }}, '\d{8}')
            then timezone('UTC', timezone({{ zone }}, try_strptime({{ column }}, '%Y%m%d')))
        {%- for name, days in {'dmy': ['%d/%m/%y', '%d/%m/%Y'], 'mdy': ['%m/%d/%y', '%m/%d/%Y']}.items() %}
        when {{ order }} = '{{ name }}'
            then timezone('UTC', timezone({{ zone }}, try_strptime({{ written }}, [
                {%- for day in days %}{% set last_day = loop.last %}{% for time in times -%}
                '{{ (day ~ ' ' ~ time) | trim }}'{{ ', ' if not (last_day and loop.last) }}
                {%- endfor %}{% endfor %}])))
        {%- endfor %}
    end
{%- endmacro %}

{% macro spark__as_timestamp(column, formats=none) -%}
    {%- set order = formats ~ 'date_order' if formats else '_date_order' -%}
    {%- set zone = formats ~ 'time_zone' if formats else '_time_zone' -%}
    {%- set written -%}
        regexp_replace(regexp_replace({{ column }}, '[.-]', '/', 'g'), ',|[\s\x{00A0}\x{202F}]([AaPp][Mm])$', '\1', 'g')
    {%- endset -%}
    {%- set times = ['h:mm:ssa', 'h:mma', 'H:mm:ss', 'H:mm', ''] -%}
    {%- set dashed -%}
        translate(left({{ column }}, 10), '/.', '--') || substr({{ column }}, 11)
    {%- endset -%}
    case
        {%- for text, sign in [(column, '-'), (dashed, '[/.]')] %}
        when regexp_matches({{ column }}, '^\d{4}{{ sign }}\d{2}{{ sign }}\d{2}.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$')
            then cast(try_cast({{ text }} as timestamptz) as timestamp)
        when regexp_matches({{ column }}, '^\d{4}{{ sign }}\d{2}{{ sign }}\d{2}')
            then convert_timezone({{ zone }}, 'UTC', try_cast({{ text }} as timestamp))
        {%- endfor %}
        when regexp_full_match({{ column }}, '\d{10}')
            then cast(timestamp_micros(cast({{ column }} as bigint) * 1000000) as timestamp)
        when regexp_full_match({{ column }}, '\d{13}')
            then cast(timestamp_micros(cast({{ column }} as bigint) * 1000) as timestamp)
        when regexp_full_match({{ column }}, '\d{8}')
            then convert_timezone({{ zone }}, 'UTC', cast(try_to_timestamp({{ column }}, 'yyyyMMdd') as timestamp))
        {%- for name, days in {'dmy': ['d/M/yy', 'd/M/yyyy'], 'mdy': ['M/d/yy', 'M/d/yyyy']}.items() %}
        when {{ order }} = '{{ name }}'
            then convert_timezone({{ zone }}, 'UTC', cast(coalesce(
                {%- for day in days %}{% set last_day = loop.last %}{% for time in times %}
                try_to_timestamp({{ written }}, '{{ (day ~ ' ' ~ time) | trim }}'){{ ',' if not (last_day and loop.last) }}
                {%- endfor %}{% endfor %}
            ) as timestamp))
        {%- endfor %}
    end
{%- endmacro %}
