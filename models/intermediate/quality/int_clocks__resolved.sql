with

loads as (

    select * from {{ ref('stg_loader__loads') }}

),

newest as (

    select
        max(case when entity in ('opportunities', 'activities', 'people') and source_system <> 'prospecting' then extracted_at end)
            as crm_extracted_at,
        max(extracted_at) as extracted_at

    from loads
    where state in ('loaded', 'unchanged')

),

-- the run's own start is the only clock there is when nobody says what time it is
resolved as (

    select
        {% if var('as_of_date') -%}
        cast('{{ var("as_of_date") }}' as date)
        {%- else -%}
        cast({{ local_date("coalesce(crm_extracted_at, extracted_at, cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp))") }} - interval 1 day as date)
        {%- endif %} as as_of_date,
        {% if var('checked_at') -%}
        cast('{{ var("checked_at") }}' as timestamp)
        {%- else -%}
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
        {%- endif %} as checked_at

    from newest

),

final as (

    select
        as_of_date,
        checked_at

    from resolved

)

select * from final
