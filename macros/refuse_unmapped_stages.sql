{# The stages of a relation that stand for none of the funnel's; where there are any, an error that names them and the
   file to edit. #}
{% macro refuse_unmapped_stages(relation) -%}
    {%- set unmapped = 'select source_instance, pipeline, source_stage, source_label from ' ~ relation ~ ' where stage is null order by all' -%}
    {%- if execute -%}
        {%- set rows = run_query(unmapped).rows -%}
        {%- set named = [] -%}
        {%- for row in rows[:5] -%}
            {%- do named.append(
                "'" ~ row[2] ~ "'" ~ (' (' ~ row[3] ~ ')' if row[3] != row[2] else '')
                ~ (" of pipeline '" ~ row[1] ~ "'" if row[1] else '') ~ ' in ' ~ row[0]
            ) -%}
        {%- endfor -%}
        {%- if rows | length > 0 -%}
            {{ exceptions.raise_compiler_error(
                'unmapped stage ' ~ named | join(', ') ~ (' and ' ~ (rows | length - 5) ~ ' more' if rows | length > 5 else '')
                ~ ': add it to stage_mapping.csv in the config folder; scripts/load.py --suggest-mapping writes the rows'
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ unmapped }}
{%- endmacro %}
