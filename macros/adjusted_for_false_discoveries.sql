{# Rows of a relation with `adjusted_p_value`, the smallest rate of false discoveries at which each would be one (Benjamini and
   Hochberg 1995), and `tests_count`: of company and teams together, of reps apart. Reads period_grain, period_start_date,
   level and p_value; where there is none there is no test. #}
{% macro adjusted_for_false_discoveries(relation) -%}
    with

    ranked as (

        select
            *,
            count(p_value) over (partition by period_grain, period_start_date, level) as tests_count,
            row_number() over (partition by period_grain, period_start_date, level order by p_value nulls last) as p_rank

        from {{ relation }}

    )

    select
        *,
        min(p_value * tests_count / p_rank) over (
            partition by period_grain, period_start_date, level
            order by p_rank desc rows between unbounded preceding and current row
        ) as adjusted_p_value

    from ranked
{%- endmacro %}
