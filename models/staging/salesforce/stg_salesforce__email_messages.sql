with

source as (

    {{ current_rows('salesforce', 'email_messages') }}

),

-- a task stands for one e-mail; of copies of it one that came in, or bounced, says so
final as (

    select
        {{ source_id('activity_id') }} as activity_id,
        bool_or(coalesce({{ as_boolean('incoming') }}, false)) as is_incoming,
        bool_or(coalesce({{ as_boolean('is_bounced') }}, false)) as is_bounced

    from source
    where activity_id is not null and not _is_gone and not coalesce({{ as_boolean('is_deleted') }}, false)
    group by {{ source_id('activity_id') }}

)

select * from final
