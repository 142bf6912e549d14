{# Debit or credit of a FEC line, in either of the law's two variants: two amounts, or an amount and a sense. #}
{% macro ledger_side(side) -%}
    coalesce(
        {{ as_number('debit' if side == 'D' else 'credit', 'decimal(18,2)') }},
        case
            when upper(trim(sens)) in ({{ "'D', '+1'" if side == 'D' else "'C', '-1'" }}) then {{ as_number('montant', 'decimal(18,2)') }}
        end,
        cast(0 as decimal(18, 2))
    )
{%- endmacro %}
