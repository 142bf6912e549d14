{# Components, one row each, from a relation with one column per component: nought is left out, and a scope the
   relation does not tell is unknown, or unallocated for reps and teams. #}
{% macro components_of(relation, codes, scopes) -%}
    {%- for code in codes %}
    select
        '{{ code }}' as component_code,
        component_date,
        {%- for scope in ['rep_id', 'team_id', 'segment', 'channel', 'product'] %}
        {{ scope if scope in scopes else "'unallocated' as " ~ scope if scope in ['rep_id', 'team_id'] else "'unknown' as " ~ scope }},
        {%- endfor %}
        cast({{ code }} as decimal(38, 6)) as component_value
    from {{ relation }}
    where {{ code }} <> 0 and component_date is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
