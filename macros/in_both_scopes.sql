{# Rows of deals once for each type of scope, with the member they were of at the start and the one at the end. #}
{% macro in_both_scopes(relation) -%}
    {%- for scope_type, start_scope_id, end_scope_id in [
        ('company', "'all'", "'all'"),
        ('team', 'start_team_id', 'end_team_id'),
        ('rep', 'start_rep_id', 'end_rep_id'),
        ('segment', 'segment', 'segment'),
        ('channel', 'channel', 'channel'),
        ('product', 'product', 'product')
    ] %}
    select
        *,
        '{{ scope_type }}' as scope_type,
        {{ start_scope_id }} as start_scope_id,
        {{ end_scope_id }} as end_scope_id
    from {{ relation }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
