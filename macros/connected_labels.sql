{# The smallest label of each node's connected component, by rounds of passing labels on: nodes (id, label, key)
   are connected by an equal key or by a row of links (from_id, to_id). A component needs as many rounds as it has
   steps between its ends; `assert_identity_has_converged` fails when there were too few. #}
{% macro connected_labels(nodes, links, rounds=4) -%}
    {%- for round in range(1, rounds + 1) %}
    {%- set before = nodes if round == 1 else 'round_' ~ (round - 1) %}
    round_{{ round }}_keys as (

        select
            key,
            min(label) as label

        from {{ before }}
        where key is not null
        group by key

    ),

    round_{{ round }}_links as (

        select
            {{ links }}.from_id as id,
            min({{ before }}.label) as label

        from {{ links }}
        inner join {{ before }} on {{ links }}.to_id = {{ before }}.id
        group by {{ links }}.from_id

    ),

    round_{{ round }} as (

        select
            {{ before }}.id,
            {{ before }}.key,
            least(
                {{ before }}.label,
                coalesce(round_{{ round }}_keys.label, {{ before }}.label),
                coalesce(round_{{ round }}_links.label, {{ before }}.label)
            ) as label

        from {{ before }}
        left join round_{{ round }}_keys on {{ before }}.key = round_{{ round }}_keys.key
        left join round_{{ round }}_links on {{ before }}.id = round_{{ round }}_links.id

    ),
    {%- endfor %}

    labelled as (

        select
            id,
            key,
            label

        from round_{{ rounds }}

    )
{%- endmacro %}
