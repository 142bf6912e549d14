with

channels as (

    select * from {{ ref('channels') }}

),

final as (

    select
        channel,
        is_paid,
        label_en,
        label_fr

    from channels

)

select * from final
