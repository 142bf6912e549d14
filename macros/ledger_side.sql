{# Debit or credit of a FEC line, in either of the law's two variants: two amounts, or an amount and a sense. An empty
   side is 0, one that is no number null. #}
{% macro ledger_side(side) -%}
    {%- set amount = 'debit' if side == 'D' else 'credit' -%}
    case
        when {{ amount }} is not null then {{ as_number(amount, 'decimal(18,2)') }}
        when upper(trim(sens)) in ({{ "'D', '+1'" if side == 'D' else "'C', '-1'" }}) then {{ as_number('montant', 'decimal(18,2)') }}
        else cast(0 as decimal(18, 2))
    end
{%- endmacro %}
