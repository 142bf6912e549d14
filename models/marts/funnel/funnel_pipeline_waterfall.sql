with

deals as (

    select * from {{ ref('funnel_pipeline_deals') }}
    where purpose = 'value'

),

scoped as (
    {{ in_both_scopes('deals') }}

),

-- a deal that changes hands leaves the old owner at what it opened with; all that befalls it is the new owner's
moved as (

    select
        period_grain,
        period_start_date,
        scope_type,
        end_scope_id as scope_id,
        case when entry = 'opening' and start_scope_id = end_scope_id then start_amount else 0 end as opening_amount,
        case when entry = 'opening' and start_scope_id <> end_scope_id then start_amount else 0 end as transferred_in_amount,
        case when entry = 'created' then start_amount else 0 end as created_amount,
        case when entry = 'carried_over' then start_amount else 0 end as carried_over_amount,
        case when entry in ('pulled_in', 'carried_over') then start_amount else 0 end as pulled_in_amount,
        case when entry = 'reopened' then start_amount else 0 end as reopened_amount,
        greatest(end_amount - restated_amount, 0) as increased_amount,
        least(end_amount - restated_amount, 0) as decreased_amount,
        restated_amount - start_amount as revalued_amount,
        case when outcome = 'pushed_out' then -end_amount else 0 end as pushed_out_amount,
        case when outcome = 'won' then -end_amount else 0 end as won_amount,
        case when outcome = 'lost' then -end_amount else 0 end as lost_amount,
        case when outcome = 'removed' then -end_amount else 0 end as removed_amount,
        case when outcome = 'closing' then end_amount else 0 end as closing_amount

    from scoped

    union all by name

    select
        period_grain,
        period_start_date,
        scope_type,
        start_scope_id as scope_id,
        start_amount as opening_amount,
        -start_amount as transferred_out_amount

    from scoped
    where entry = 'opening' and start_scope_id <> end_scope_id

),

final as (

    select
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        cast(coalesce(sum(opening_amount), 0) as decimal(18, 2)) as opening_amount,
        cast(coalesce(sum(created_amount), 0) as decimal(18, 2)) as created_amount,
        cast(coalesce(sum(carried_over_amount), 0) as decimal(18, 2)) as carried_over_amount,
        cast(coalesce(sum(pulled_in_amount), 0) as decimal(18, 2)) as pulled_in_amount,
        cast(coalesce(sum(increased_amount), 0) as decimal(18, 2)) as increased_amount,
        cast(coalesce(sum(transferred_in_amount), 0) as decimal(18, 2)) as transferred_in_amount,
        cast(coalesce(sum(reopened_amount), 0) as decimal(18, 2)) as reopened_amount,
        cast(coalesce(sum(decreased_amount), 0) as decimal(18, 2)) as decreased_amount,
        cast(coalesce(sum(pushed_out_amount), 0) as decimal(18, 2)) as pushed_out_amount,
        cast(coalesce(sum(transferred_out_amount), 0) as decimal(18, 2)) as transferred_out_amount,
        cast(coalesce(sum(won_amount), 0) as decimal(18, 2)) as won_amount,
        cast(coalesce(sum(lost_amount), 0) as decimal(18, 2)) as lost_amount,
        cast(coalesce(sum(removed_amount), 0) as decimal(18, 2)) as removed_amount,
        cast(coalesce(sum(revalued_amount), 0) as decimal(18, 2)) as revalued_amount,
        cast(coalesce(sum(closing_amount), 0) as decimal(18, 2)) as closing_amount

    from moved
    group by period_grain, period_start_date, scope_type, scope_id

)

select * from final
