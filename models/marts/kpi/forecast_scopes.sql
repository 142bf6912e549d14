with

origins as (

    select * from {{ ref('forecast_origins') }}

),

deals as (

    select * from {{ ref('forecast_deals') }}

),

flows as (

    select * from {{ ref('forecast_flows') }}

),

bookings as (

    select
        *,
        {{ local_date('event_at') }} as entered_date

    from {{ ref('fct_bookings') }}
    where opportunity_type <> 'renewal'

),

clocks as (

    select * from {{ ref('dim_clocks') }}

),

-- the CRM's own chance of a stage: exports carry today's only
probabilities as (

    select
        stage,
        {{ exact_sum('probability') }} / count(*) as probability

    from {{ ref('fct_opportunities') }}
    where status = 'open' and probability is not null
    group by stage

),

spans as (

    select
        origins.*,
        cast(case
            when origins.period_grain = 'month' then origins.period_start_date - interval 1 month
            else origins.period_start_date - interval 3 month
        end as date) as last_period_start_date,
        cast(origins.period_start_date - interval 1 year as date) as last_year_start_date,
        cast(origins.period_end_date + 1 - interval 1 year as date) as last_year_end_date,
        origins.period_end_date <= clocks.as_of_date as is_over

    from origins
    cross join clocks

),

facts as (

    select
        deals.as_of_date, deals.period_grain, deals.period_start_date,
        deals.rep_id, deals.team_id, deals.segment, deals.channel, deals.product,
        1 as open_count,
        case when deals.open_amount is null then 1 else 0 end as without_amount_count,
        coalesce(deals.open_amount, 0) * deals.win_chance as open_expected_amount,
        cast(coalesce(deals.open_amount, 0) as double) * deals.open_amount * deals.win_chance * (1 - deals.win_chance) as variance,
        case when deals.is_due then deals.open_amount when not deals.is_due then 0 end * probabilities.probability as crm_expected_amount

    from deals
    left join probabilities on deals.stage = probabilities.stage

    union all by name

    select
        as_of_date, period_grain, period_start_date,
        rep_id, team_id, segment, channel, product,
        expected_amount as create_and_close_amount,
        variance

    from flows

    union all by name

    -- what was booked, as it was known on the day; what came of the period, as it is known now
    select
        spans.as_of_date, spans.period_grain, spans.period_start_date,
        bookings.rep_id, bookings.team_id, bookings.segment, bookings.channel, bookings.product,
        case
            when
                bookings.booking_date between spans.period_start_date and spans.as_of_date and bookings.entered_date <= spans.as_of_date
                then bookings.booking_amount
        end as won_to_date_amount,
        case
            when bookings.booking_date between spans.period_start_date and spans.period_end_date and spans.is_over then bookings.booking_amount
        end as actual_amount,
        case
            when
                bookings.booking_date between spans.period_start_date and spans.period_end_date
                and bookings.entered_date <= spans.period_end_date + 31
                then bookings.booking_amount
        end as settled_amount,
        case
            when
                bookings.booking_date >= spans.last_period_start_date and bookings.booking_date < spans.period_start_date
                and bookings.entered_date <= spans.as_of_date
                then bookings.booking_amount
        end as last_period_amount,
        case
            when
                bookings.booking_date >= spans.last_year_start_date and bookings.booking_date < spans.last_year_end_date
                and bookings.entered_date <= spans.as_of_date
                then bookings.booking_amount
        end as last_year_amount

    from spans
    inner join bookings on bookings.booking_date between spans.last_year_start_date and spans.period_end_date

),

final as (

    select
        as_of_date,
        period_grain,
        period_start_date,
        {{ scope_columns() }},
        cast(coalesce(sum(open_count), 0) as bigint) as open_count,
        cast(coalesce(sum(without_amount_count), 0) as bigint) as without_amount_count,
        coalesce({{ exact_sum('won_to_date_amount') }}, 0) as won_to_date_amount,
        coalesce({{ exact_sum('open_expected_amount') }}, 0) as open_expected_amount,
        coalesce({{ exact_sum('create_and_close_amount') }}, 0) as create_and_close_amount,
        coalesce({{ exact_sum('variance') }}, 0) as variance,
        {{ exact_sum('crm_expected_amount') }} as crm_expected_amount,
        coalesce({{ exact_sum('last_year_amount') }}, 0) as last_year_amount,
        coalesce({{ exact_sum('last_period_amount') }}, 0) as last_period_amount,
        coalesce({{ exact_sum('actual_amount') }}, 0) as actual_amount,
        coalesce({{ exact_sum('settled_amount') }}, 0) as settled_amount

    from facts
    group by {{ scope_grouping_sets(['as_of_date', 'period_grain', 'period_start_date']) }}

)

select * from final
