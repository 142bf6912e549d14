{# The instances and tables of a relation of loads that have lost versions which `known_at` needs; where there are any, an
   error that names one and the moment from which a replay is whole. #}
{% macro refuse_expired_replay(relation) -%}
    {%- set moment = "cast('" ~ var('known_at') ~ "' as timestamp)" if var('known_at') else 'cast(null as timestamp)' -%}
    {%- set expired -%}
    select source_instance, table_name, max(expired_before) as expired_before from {{ relation }} where expired_before > {{ moment }} group by source_instance, table_name order by all
    {%- endset -%}
    {%- if execute and var('known_at') -%}
        {%- set rows = run_query(expired).rows -%}
        {%- if rows | length > 0 -%}
            {{ exceptions.raise_compiler_error(
                'known_at ' ~ var('known_at') ~ ' cannot be replayed: versions of ' ~ rows[0][0] ~ '.' ~ rows[0][1]
                ~ (' and ' ~ (rows | length - 1) ~ ' more tables' if rows | length > 1 else '') ~ ' before '
                ~ (rows | map(attribute='expired_before') | max) ~ ' have expired (retention_days); replay a later moment'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ expired }}
{%- endmacro %}
