{# Rows of a ledger whose files hold a company and the fiscal year they are named after: of each month those of the newest
   export that has it. `rows` are what stands by the name of its file; `day` is the column of the day.

   Exports of a year that still runs may be named after another day each time, and each holds all months so far. An export
   with less than half of the lines another one has of a month does not have that month: a few days typed wrong must not
   take its place. A row without a readable day belongs to its file. #}
{% macro newest_months(rows, pattern, day) -%}
    {%- set company -%}
        coalesce({{ regexp_text('_file', pattern, 1) }}, 'unknown')
    {%- endset -%}
    {%- set year -%}
        coalesce({{ regexp_text('_file', pattern) }}, 'unknown')
    {%- endset -%}
    {%- set month -%}
        coalesce(cast(date_trunc('month', {{ as_date(day) }}) as varchar), {{ year }})
    {%- endset -%}
    select stated.*
    from (
        select
            *,
            {{ company }} as _company,
            {{ year }} as _year,
            {{ month }} as _month
        from {{ rows }}
    ) as stated
    inner join (
        select
            *,
            row_number() over (
                partition by source_instance, company, month
                order by case when lines * 2 >= most_lines then 0 else 1 end, delivered_at desc, year desc
            ) as place
        from (
            select
                _source_instance as source_instance,
                {{ company }} as company,
                {{ month }} as month,
                {{ year }} as year,
                max(_delivered_at) as delivered_at,
                count(*) as lines,
                max(count(*)) over (partition by _source_instance, {{ company }}, {{ month }}) as most_lines
            from {{ rows }}
            group by 1, 2, 3, 4
        ) as counted
    ) as newest
        on stated._source_instance = newest.source_instance
        and stated._company = newest.company
        and stated._month = newest.month
        and stated._year = newest.year
        and newest.place = 1
{%- endmacro %}
