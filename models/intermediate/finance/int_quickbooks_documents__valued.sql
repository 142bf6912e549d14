with

documents as (

    select * from {{ ref('stg_quickbooks__documents') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__completed') }}

),

-- QuickBooks gives the rate to the company's home currency, which no export names: it is the currency of most documents
-- without a rate, or with a rate of 1
home as (

    select
        source_instance,
        currency_code

    from documents
    where coalesce(exchange_rate, 1) = 1 and currency_code is not null
    group by source_instance, currency_code
    qualify row_number() over (partition by source_instance order by count(*) desc, currency_code) = 1

),

booked as (

    select
        documents.*,
        coalesce(
            case when documents.exchange_rate is null then documents.currency_code end,
            home.currency_code,
            '{{ var("reporting_currency") }}'
        ) as booked_currency_code

    from documents
    left join home on documents.source_instance = home.source_instance
    where not documents.is_deleted

),

final as (

    select
        booked.source_system,
        booked.source_instance,
        booked.document_id,
        booked.document_type,
        booked.document_date,
        booked.vendor_id,
        booked.is_credit,
        case
            when booked.booked_currency_code = '{{ var("reporting_currency") }}' then coalesce(booked.exchange_rate, 1)
            else coalesce(booked.exchange_rate, 1) * cast(rates.rate as double)
        end as reporting_rate

    from booked
    left join rates
        on
            booked.booked_currency_code = rates.currency_code
            and booked.document_date = rates.rate_date

)

select * from final
