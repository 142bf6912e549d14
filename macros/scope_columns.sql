{# scope_type and scope_id of a row grouped by `scope_grouping_sets`. #}
{% macro scope_columns() -%}
    case
        when grouping(team_id) = 0 then 'team'
        when grouping(rep_id) = 0 then 'rep'
        when grouping(segment) = 0 then 'segment'
        when grouping(channel) = 0 then 'channel'
        when grouping(product) = 0 then 'product'
        else 'company'
    end as scope_type,
    coalesce(team_id, rep_id, segment, channel, product, 'all') as scope_id
{%- endmacro %}
