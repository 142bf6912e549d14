with

windows as (

    select * from {{ ref('kpi_windows') }}

),

periods as (

    select * from {{ ref('dim_periods') }}

),

-- renewals are in no bookings target, and in no pipeline measured against one
spells as (

    select * from {{ ref('fct_pipeline_spells') }}
    where opportunity_type <> 'renewal'

),

observed as (

    select
        windows.period_grain,
        windows.period_start_date,
        windows.purpose,
        windows.window_start_date,
        windows.window_end_date,
        periods.period_end_date as due_until_date

    from windows
    inner join periods
        on
            windows.period_grain = periods.period_grain
            and windows.window_start_date = periods.period_start_date

),

-- the days on which a deal is open, from the eve of the period on, and those on which it closes
ordered as (

    select
        observed.*,
        spells.*,
        row_number() over in_order as from_first,
        count(*) over (
            partition by observed.period_grain, observed.period_start_date, observed.purpose, spells.opportunity_id
        ) as spells_count

    from observed
    inner join spells
        on
            observed.window_end_date >= spells.from_date
            and observed.window_start_date - 1 <= spells.to_date
    where
        spells.status = 'open'
        or (
            spells.from_date = spells.status_from_date
            and spells.from_date >= observed.window_start_date
            -- a loss that is called otherwise is no second one
            and not spells.is_loss_renamed
        )
    window
        in_order as (
            partition by observed.period_grain, observed.period_start_date, observed.purpose, spells.opportunity_id
            order by spells.from_date
        )

),

paired as (

    select
        first_spells.period_grain,
        first_spells.period_start_date,
        first_spells.purpose,
        first_spells.opportunity_id,
        first_spells.segment,
        first_spells.channel,
        first_spells.product,
        first_spells.rep_id as start_rep_id,
        first_spells.team_id as start_team_id,
        last_spells.rep_id as end_rep_id,
        last_spells.team_id as end_team_id,
        first_spells.close_date as start_close_date,
        last_spells.close_date as end_close_date,
        coalesce(first_spells.open_amount, 0) as start_amount,
        coalesce(cast(first_spells.amount_local * last_spells.rate as decimal(18, 2)), 0) as restated_amount,
        coalesce(last_spells.open_amount, 0) as end_amount,
        case
            when first_spells.from_date < first_spells.window_start_date
                then
                    case
                        when first_spells.close_date between first_spells.window_start_date and first_spells.due_until_date then 'opening'
                        when first_spells.close_date < first_spells.window_start_date then 'carried_over'
                        else 'pulled_in'
                    end
            when first_spells.created_date >= first_spells.window_start_date then 'created'
            else 'reopened'
        end as entry,
        case
            when last_spells.status = 'won' then 'won'
            when last_spells.status <> 'open' then 'lost'
            when last_spells.to_date < last_spells.window_end_date then 'removed'
            when last_spells.close_date between last_spells.window_start_date and last_spells.due_until_date then 'closing'
            else 'pushed_out'
        end as outcome

    from ordered as first_spells
    inner join ordered as last_spells
        on
            first_spells.period_grain = last_spells.period_grain
            and first_spells.period_start_date = last_spells.period_start_date
            and first_spells.purpose = last_spells.purpose
            and first_spells.opportunity_id = last_spells.opportunity_id
            and last_spells.from_first = last_spells.spells_count
    where first_spells.from_first = 1

),

-- what was not due when the period began, and is not when it ends, has nothing to do with it, unless it closed in it
final as (

    select *
    from paired
    where entry = 'opening' or outcome in ('won', 'lost', 'closing')

)

select * from final
