{# The loads of a landed table that count, up to `known_at`: bytes read by an older recipe give way to the same bytes read
   by the newest one. #}
{% macro known_loads(system, table) -%}
    select *
    from {{ source('loader', 'loads') }}
    where
        source_system = '{{ system }}'
        and table_name = '{{ table }}'
        and state in ('loaded', 'unchanged')
        {%- if var('known_at') %}
        and extracted_at <= cast('{{ var("known_at") }}' as timestamp)
        {%- endif %}
    qualify recipe = max_by(recipe, loaded_at) over (partition by source_instance, sha256, mode)
{%- endmacro %}
