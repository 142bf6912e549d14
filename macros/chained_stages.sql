{# CTEs that turn first entries (id, stage, position, entered_at, entered_date, seen_date, is_standing) into stages
   reached: `reached_stages` has for each stage the first entry into it or any later one, and for `strict_date` the
   day it was seen after all stages before it, in order. A win that does not stand proves the stages before it only. #}
{% macro chained_stages(entries, id, stages) -%}
    reached as (

        select
            {{ entries }}.{{ id }},
            {{ stages }}.stage,
            {{ stages }}.position,
            min({{ entries }}.entered_at) as reached_at,
            min({{ entries }}.entered_date) as reached_date,
            min(case when {{ entries }}.stage = {{ stages }}.stage then {{ entries }}.entered_date end) as own_date,
            min(case when {{ entries }}.stage = {{ stages }}.stage then {{ entries }}.seen_date end) as seen_date,
            bool_or({{ entries }}.stage = {{ stages }}.stage and {{ entries }}.is_standing) as is_entered

        from {{ entries }}
        inner join {{ stages }} on {{ entries }}.position >= {{ stages }}.position
        group by {{ entries }}.{{ id }}, {{ stages }}.stage, {{ stages }}.position
        having {{ stages }}.stage <> 'won' or bool_or({{ entries }}.is_standing)

    ),

    chained as (

        select
            *,
            lag(seen_date) over (partition by {{ id }} order by position) as previous_seen_date,
            bool_and(seen_date is not null) over so_far as is_seen_so_far

        from reached
        window so_far as (partition by {{ id }} order by position rows between unbounded preceding and current row)

    ),

    ordered as (

        select
            *,
            is_seen_so_far and bool_and(previous_seen_date is null or seen_date >= previous_seen_date) over so_far as is_strict

        from chained
        window so_far as (partition by {{ id }} order by position rows between unbounded preceding and current row)

    ),

    reached_stages as (

        select
            {{ id }},
            stage,
            position,
            reached_at,
            reached_date,
            not is_entered as is_inferred,
            coalesce(own_date > reached_date, false) as is_repaired,
            case when is_strict then seen_date end as strict_date

        from ordered

    )
{%- endmacro %}
