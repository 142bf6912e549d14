{# An amount from the smallest unit of its currency, as payment processors count: yen have none, dinars three. #}
{% macro minor_units(column, currency) -%}
    cast(
        cast({{ column }} as decimal(18, 0)) * case
            when lower({{ currency }}) in ('bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf') then cast(1 as decimal(4, 3))
            when lower({{ currency }}) in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then cast(0.001 as decimal(4, 3))
            else cast(0.01 as decimal(4, 3))
        end as decimal(18, 2)
    )
{%- endmacro %}
