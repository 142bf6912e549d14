with

people as (

    select * from {{ ref('int_people__conformed') }}

),

links as (

    select * from {{ ref('int_activity_people__linked') }}

),

activities as (

    select * from {{ ref('int_activities__judged') }}

),

hours as (

    select * from {{ ref('int_business_hours__dated') }}

),

clocks as (

    select * from {{ ref('int_clocks__resolved') }}

),

met as (

    select
        people.contact_id,
        min(activities.occurred_at) as first_activity_at,
        -- an attempt is a touch: a call that was made, whoever answered, an e-mail of one's own, a meeting held
        min(case when activities.is_touch and activities.occurred_at >= people.lead_at then activities.occurred_at end) as first_attempt_at

    from people
    cross join clocks
    inner join links on people.contact_id = links.contact_id
    inner join activities on links.activity_id = activities.activity_id
    where activities.occurred_date <= clocks.as_of_date
    group by people.contact_id

),

attempted as (

    select
        people.contact_id,
        people.lead_at,
        met.first_attempt_at,
        coalesce(met.first_activity_at < people.lead_at, false) as is_active_before_record

    from people
    left join met on people.contact_id = met.contact_id

),

-- the company's open seconds up to a moment: of all days before, and of the openings of its own day
moments as (

    select contact_id, lead_at as moment_at from attempted
    union
    select contact_id, first_attempt_at as moment_at from attempted
    where first_attempt_at is not null

),

counted as (

    select
        moments.contact_id,
        moments.moment_at,
        max(hours.open_seconds_before)
        + coalesce(sum(greatest(0, date_diff('second', hours.opens_at, least(moments.moment_at, hours.closes_at)))), 0) as open_seconds

    from moments
    inner join hours on {{ local_date('moments.moment_at') }} = hours.date_day
    group by moments.contact_id, moments.moment_at

),

final as (

    select
        attempted.contact_id,
        attempted.first_attempt_at,
        attempted.is_active_before_record,
        case
            when not attempted.is_active_before_record then cast(until.open_seconds - since.open_seconds as double) / 60
        end as speed_to_lead_minutes

    from attempted
    left join counted as since on attempted.contact_id = since.contact_id and attempted.lead_at = since.moment_at
    left join counted as until on attempted.contact_id = until.contact_id and attempted.first_attempt_at = until.moment_at

)

select * from final
