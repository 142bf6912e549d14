{{ config(
    materialized='incremental',
    incremental_strategy=kept_days_strategy(),
    unique_key='as_of_date',
    on_schema_change='append_new_columns',
    full_refresh=false,
    tags=['run_history']
) }}

with

forecasts as (

    select * from {{ ref('forecast_bookings') }}

),

-- a run on a day replaces that day's; one that looks back from today knows more than was known, and changes nothing
final as (

    select
        as_of_date,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        period_end_date,
        won_to_date_amount,
        open_expected_amount,
        create_and_close_amount,
        forecast_amount,
        low_amount,
        high_amount,
        open_count,
        without_amount_count,
        basis,
        forecast_status

    from forecasts
    {% if is_incremental() %}
    where {{ is_kept_day('as_of_date', this) }}
    {% endif %}

)

select * from final
