with

tiles as (

    select
        *,
        -- a forecast is of the whole period, and is compared with whole ones
        is_partial_period and kpi_code <> 'forecast_bookings_amount' as is_compared_so_far

    from {{ ref('dashboard_tile_values') }}

),

comments as (

    select * from {{ ref('tile_comments') }}

),

-- what sentences call a period: in, of and to it
words as (

    select
        'week' as period_grain,
        'week' as period_en,
        'la semaine' as period_fr,
        'de la semaine' as of_period_fr,
        'à la semaine' as to_period_fr,
        ' précédente' as previous_fr
    union all
    select 'month', 'month', 'le mois', 'du mois', 'au mois', ' précédent'
    union all
    select 'quarter', 'quarter', 'le trimestre', 'du trimestre', 'au trimestre', ' précédent'

),

worded as (

    select
        tiles.*,
        comments.sentence_en,
        comments.sentence_fr,
        words.period_en,
        words.period_fr,
        words.of_period_fr,
        {{ format_value_en('tiles.value', 'tiles.unit') }} as value_en,
        {{ format_value_fr('tiles.value', 'tiles.unit') }} as value_fr,
        {{ format_value_en('tiles.target_value', 'tiles.unit') }} as target_en,
        {{ format_value_fr('tiles.target_value', 'tiles.unit') }} as target_fr,
        {{ format_value_en('tiles.previous_value', 'tiles.unit') }} as previous_en,
        {{ format_value_fr('tiles.previous_value', 'tiles.unit') }} as previous_fr,
        {{ distance_text('tiles.value', 'tiles.target_value', 'tiles.unit', 'en') }} as off_target_en,
        {{ distance_text('tiles.value', 'tiles.target_value', 'tiles.unit', 'fr') }} as off_target_fr,
        {{ distance_text('tiles.value', 'tiles.previous_value', 'tiles.unit', 'en') }} as change_en,
        {{ distance_text('tiles.value', 'tiles.previous_value', 'tiles.unit', 'fr') }} as change_fr,
        {{ format_value_en('tiles.value / nullif(tiles.target_value, 0)', "'rate'") }} as share_en,
        {{ format_value_fr('tiles.value / nullif(tiles.target_value, 0)', "'rate'") }} as share_fr,
        tiles.sample_size || case when tiles.sample_size = 1 then ' record' else ' records' end as records_en,
        tiles.sample_size || ' cas' as records_fr,
        -- a stock, a multiple and what is made of other KPIs stand; everything else is what it has come to so far
        case when tiles.is_partial_period and tiles.aggregation not in ('last', 'product') and tiles.unit <> 'ratio' then ' so far' else '' end as so_far_en,
        case when tiles.is_partial_period and tiles.aggregation not in ('last', 'product') and tiles.unit <> 'ratio' then ' à ce jour' else '' end as so_far_fr,
        case when tiles.is_compared_so_far then 'at the same point of the previous ' else 'in the previous ' end || words.period_en as then_en,
        case when tiles.is_compared_so_far then 'au même stade ' || words.of_period_fr else words.period_fr end || words.previous_fr as then_fr,
        case when tiles.is_compared_so_far then 'the same point of the previous ' else 'the previous ' end || words.period_en as before_en,
        case when tiles.is_compared_so_far then 'au même stade ' || words.of_period_fr else words.to_period_fr end || words.previous_fr
            as before_fr

    from tiles
    inner join words on tiles.period_grain = words.period_grain
    left join comments on tiles.comment_kind = comments.comment_kind

),

final as (

    select
        dashboard,
        position,
        period_grain,
        period_start_date,
        scope_type,
        scope_id,
        kpi_code,
        is_headline,
        label_en,
        label_fr,
        unit,
        value,
        value_en as formatted_value_en,
        value_fr as formatted_value_fr,
        target_value,
        attainment_rate,
        status,
        trend,
        trust_status,
        {{ filled_text('sentence_en', {
            'value': 'value_en', 'so_far': 'so_far_en', 'period': 'period_en', 'target': 'target_en', 'off_target': 'off_target_en',
            'share': 'share_en', 'records': 'records_en', 'previous': 'previous_en', 'then': 'then_en', 'change': 'change_en',
            'before': 'before_en', 'reasons': 'reasons_en'
        }) }} as comment_en,
        {{ filled_text('sentence_fr', {
            'value': 'value_fr', 'so_far': 'so_far_fr', 'period': 'period_fr', 'of_period': 'of_period_fr', 'target': 'target_fr',
            'off_target': 'off_target_fr', 'share': 'share_fr', 'records': 'records_fr', 'previous': 'previous_fr', 'then': 'then_fr',
            'change': 'change_fr', 'before': 'before_fr', 'reasons': 'reasons_fr'
        }) }} as comment_fr,
        is_partial_period,
        previous_value

    from worded

)

select * from final
