{# For `dbt source freshness`: when the newest export of a landed table came, and what time it is.

   Both are as `quality_source_freshness` counts them, which judges (decision 0058): by the ledger of loads, so that known
   bytes that came again count; of several folders the one that waits longest; without weekends and holidays (those
   of the seed once it is built) where the contract says so, by setting the time forward by them. What was never loaded is not late: it has just come. #}
{% macro duckdb__collect_freshness(source, loaded_at_field, filter) -%}
    {%- set contract = contract_of(source.schema, source.identifier) -%}
    {%- set now -%}
    cast('{{ var("checked_at") or run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
    {%- endset -%}
    {%- set holidays = adapter.get_relation(target.database, 'seeds', 'public_holidays') -%}
    {%- call statement('collect_freshness', fetch_result=True, auto_begin=False) -%}
    with delivered as (
        select max(extracted_at) as starts_at
        from {{ source.database }}.main.loads
        where
            source_system = '{{ source.schema }}'
            and table_name = '{{ source.identifier }}'
            and state in ('loaded', 'unchanged')
        group by source_instance
    ),

    {% if contract.exported_on == 'business_days' -%}
    closed_days as (
        {{ closed_days(holidays or '(select cast(null as date) as holiday_date)') }}
    ),

    aged as (
        select
            date_diff('second', delivered.starts_at, {{ now }})
            - coalesce(sum(date_diff(
                'second', greatest(delivered.starts_at, closed_days.starts_at), least({{ now }}, closed_days.ends_at)
            )), 0) as age_seconds
        from delivered
        left join closed_days on delivered.starts_at < closed_days.ends_at and {{ now }} > closed_days.starts_at
        group by delivered.starts_at
    )
    {%- else -%}
    aged as (
        select date_diff('second', starts_at, {{ now }}) as age_seconds
        from delivered
    )
    {%- endif %}

    select
        coalesce({{ now }} - to_seconds(cast(max(age_seconds) as bigint)), {{ now }}) as max_loaded_at,
        {{ now }} as snapshotted_at
    from aged
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{%- endmacro %}
