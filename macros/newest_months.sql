{# Rows of a ledger whose files hold a company and the fiscal year they are named after: of each month those of the newest
   export that has it. `rows` are what stands by the name of its file; `day` is the column of the day.

   Exports of a year that still runs may be named after another day each time, and each holds all months so far. An export
   with less than half of the lines another one has of a month does not have that month: a few days typed wrong must not
   take its place. A row without a readable day belongs to its file. #}
{% macro newest_months(rows, pattern, day) -%}
    with

    stated as (

        select
            *,
            coalesce({{ regexp_text('_file', pattern, 1) }}, 'unknown') as _company,
            coalesce({{ regexp_text('_file', pattern) }}, 'unknown') as _year,
            coalesce(cast(date_trunc('month', {{ as_date(day) }}) as varchar), {{ regexp_text('_file', pattern) }}, 'unknown') as _month

        from {{ rows }}

    ),

    counted as (

        select
            _source_instance,
            _company,
            _month,
            _year,
            max(_delivered_at) as delivered_at,
            count(*) as lines_count,
            max(count(*)) over (partition by _source_instance, _company, _month) as most_lines_count

        from stated
        group by _source_instance, _company, _month, _year

    ),

    newest as (

        select
            _source_instance,
            _company,
            _month,
            _year

        from counted
        qualify row_number() over (
            partition by _source_instance, _company, _month
            order by case when lines_count * 2 >= most_lines_count then 0 else 1 end, delivered_at desc, _year desc
        ) = 1

    )

    select stated.*
    from stated
    inner join newest
        on
            stated._source_instance = newest._source_instance
            and stated._company = newest._company
            and stated._month = newest._month
            and stated._year = newest._year
{%- endmacro %}
