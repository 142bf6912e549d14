{# scope_type, scope_id, driver_type and driver of a row grouped by `driver_grouping_sets`. #}
{% macro driver_columns() -%}
    case when grouping(team_id) = 0 then 'team' else 'rep' end as scope_type,
    case when grouping(team_id) = 0 then team_id else rep_id end as scope_id,
    case
        when grouping(segment) = 0 then 'segment'
        when grouping(channel) = 0 then 'channel'
        when grouping(product) = 0 then 'product'
        else 'rep'
    end as driver_type,
    coalesce(segment, channel, product, rep_id) as driver
{%- endmacro %}
