with

states as (

    select * from {{ ref('int_opportunity_states__turned') }}

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

removed as (

    select * from {{ ref('int_opportunities__removed') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

channels as (

    select * from {{ ref('channel_mapping') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

histories as (

    select * from {{ ref('int_histories__dated') }}

),

subjects as (

    select opportunity_id, source_instance, created_date, opportunity_type, segment, channel, product, currency_code
    from opportunities

    union all

    -- of a deal that is gone, nobody knows the people any more: its own source tells the channel
    select
        removed.opportunity_id,
        removed.source_instance,
        {{ local_date('removed.created_at') }} as created_date,
        removed.opportunity_type,
        coalesce(accounts.segment, 'unknown') as segment,
        coalesce(channels.channel, 'unknown') as channel,
        removed.product,
        removed.currency_code
    from removed
    left join accounts on removed.account_id = accounts.account_id
    left join channels
        on
            removed.source_system = channels.source_system
            and removed.source_value = channels.source_value

),

months as (

    select
        month_start_date as month_date,
        max(date_day) as month_end_date

    from dates
    group by month_start_date

),

-- an open deal in another currency is worth something else each month: what its last day says; a closed one what it was
-- worth that day
final as (

    select
        states.opportunity_id,
        greatest(states.from_date, coalesce(months.month_date, states.from_date)) as from_date,
        least(states.to_date, coalesce(months.month_end_date, states.to_date)) as to_date,
        states.status,
        states.status_from_date,
        states.source_stage,
        states.stage,
        states.stage_from_date,
        states.close_date,
        states.told_close_date,
        states.told_from_date,
        coalesce(states.is_put_off and coalesce(months.month_date, states.from_date) <= states.from_date, false) as is_put_off,
        states.is_loss_renamed,
        subjects.created_date,
        subjects.opportunity_type,
        states.rep_id,
        states.team_id,
        subjects.segment,
        subjects.channel,
        subjects.product,
        subjects.currency_code,
        states.amount_local,
        case when subjects.currency_code = '{{ var("reporting_currency") }}' then 1 else rates.rate end as rate,
        {{ in_reporting_currency('states.amount_local', 'subjects.currency_code', 'rates.rate') }} as open_amount,
        histories.history_basis,
        histories.history_from_date

    from states
    inner join subjects on states.opportunity_id = subjects.opportunity_id
    left join histories on subjects.source_instance = histories.source_instance
    left join months
        on
            states.status = 'open'
            and subjects.currency_code <> '{{ var("reporting_currency") }}'
            and states.from_date <= months.month_end_date
            and states.to_date >= months.month_date
    left join rates
        on
            subjects.currency_code = rates.currency_code
            and rates.rate_date = case
                when states.status = 'open' then least(states.to_date, coalesce(months.month_end_date, states.to_date))
                else states.from_date
            end

)

select * from final
