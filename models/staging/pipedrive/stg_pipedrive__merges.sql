with

persons as (

    select * from {{ ref('stg_pipedrive__persons') }}

),

organizations as (

    select * from {{ ref('stg_pipedrive__organizations') }}

),

deals as (

    select * from {{ ref('stg_pipedrive__deals') }}

),

final as (

    select 'person' as entity, source_instance || ':' || merged_ids as merged_source_id, person_source_id as kept_source_id
    from persons
    where merged_ids is not null
    union
    select 'account' as entity, source_instance || ':' || merged_ids as merged_source_id, account_source_id as kept_source_id
    from organizations
    where merged_ids is not null
    union
    select 'opportunity' as entity, source_instance || ':' || merged_ids as merged_source_id, opportunity_id as kept_source_id
    from deals
    where merged_ids is not null

)

select * from final
