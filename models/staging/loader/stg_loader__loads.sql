with

source as (

    select * from {{ source('loader', 'loads') }}

),

tables as (

    select * from {{ ref('stg_loader__tables') }}

),

-- people found without an e-mail are normal: the contract takes them for rejects and lets the file pass
without_email as (

    select
        load_id,
        count(*) as rows_count

    from {{ source('loader', 'rejected_rows') }}
    where reason = 'no email'
    group by load_id

),

final as (

    select
        source.load_id,
        source.source_system,
        source.source_instance,
        source.table_name,
        tables.entity,
        source.path,
        source.rows as rows_count,
        source.rejected_rows as rejected_rows_count,
        case when source.source_system = 'prospecting' then coalesce(without_email.rows_count, 0) else 0 end as without_email_rows_count,
        source.rows_expired as expired_rows_count,
        source.expired_before,
        source.extracted_at,
        source.loaded_at,
        source.mode,
        source.state

    from source
    left join tables
        on
            source.source_system = tables.source_system
            and source.table_name = tables.table_name
    left join without_email on source.load_id = without_email.load_id
    {%- if var('known_at') %}
    where source.extracted_at <= cast('{{ var("known_at") }}' as timestamp)
    {%- endif %}

)

select * from final
