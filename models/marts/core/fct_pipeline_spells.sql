with

states as (

    select * from {{ ref('int_opportunity_states__owned') }}

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

clocks as (

    select * from {{ ref('dim_clocks') }}

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

past as (

    select
        states.*,
        least(coalesce(states.to_date, clocks.as_of_date), clocks.as_of_date) as until_date,
        states.status is distinct from lag(states.status) over in_order as is_turn,
        states.status = 'open' and lag(states.status) over in_order = 'open' and states.close_date > lag(states.close_date) over in_order as is_put_off

    from states
    cross join clocks
    where states.from_date <= clocks.as_of_date
    window in_order as (partition by states.opportunity_id order by states.from_date)

),

turned as (

    select
        *,
        max(case when is_turn then from_date end) over (partition by opportunity_id order by from_date rows unbounded preceding) as status_from_date

    from past

),

-- an open deal in another currency is worth something else each month: what its last day says; a closed one what it was
-- worth that day
final as (

    select
        turned.opportunity_id,
        greatest(turned.from_date, coalesce(months.month_date, turned.from_date)) as from_date,
        least(turned.until_date, coalesce(months.month_end_date, turned.until_date)) as to_date,
        turned.status,
        turned.status_from_date,
        turned.stage,
        turned.close_date,
        coalesce(turned.is_put_off and coalesce(months.month_date, turned.from_date) <= turned.from_date, false) as is_put_off,
        subjects.created_date,
        subjects.opportunity_type,
        turned.rep_id,
        turned.team_id,
        subjects.segment,
        subjects.channel,
        subjects.product,
        subjects.currency_code,
        turned.amount_local,
        case when subjects.currency_code = '{{ var("reporting_currency") }}' then 1 else rates.rate end as rate,
        {{ in_reporting_currency('turned.amount_local', 'subjects.currency_code', 'rates.rate') }} as open_amount,
        histories.history_basis,
        histories.history_from_date

    from turned
    inner join subjects on turned.opportunity_id = subjects.opportunity_id
    left join histories on subjects.source_instance = histories.source_instance
    left join months
        on
            turned.status = 'open'
            and subjects.currency_code <> '{{ var("reporting_currency") }}'
            and turned.from_date <= months.month_end_date
            and turned.until_date >= months.month_date
    left join rates
        on
            subjects.currency_code = rates.currency_code
            and rates.rate_date = case
                when turned.status = 'open' then least(turned.until_date, coalesce(months.month_end_date, turned.until_date))
                else turned.from_date
            end

)

select * from final
