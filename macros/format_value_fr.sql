{# A value of a unit of the registry as French text: 1 234 €, 12,3 %, 48,5 jours, 3,2x, its spaces narrow and
   unbreakable; null without a value. #}
{% macro format_value_fr(value, unit) -%}
    {%- set size = 'abs(' ~ value ~ ')' -%}
    {%- set space = '\u202f' -%}
    {%- set currency = currency_text() -%}
    {#- millions of euros are M€, of Swiss francs M CHF -#}
    {%- set is_compact = 'round(' ~ size ~ ', 0) >= 1e6' if currency | length == 1 else 'false' -%}
    {%- set amount -%}
    {{ amount_text(size, 'fr') }} || case when {{ is_compact }} then '' else '{{ space }}' end || '{{ currency }}'
    {%- endset -%}
    {{ minus_text(value, unit) }} || case {{ unit }}
        when 'EUR' then {{ amount }}
        when 'EUR_per_day' then {{ amount }} || '{{ space }}par{{ space }}jour'
        when 'rate' then {{ share_text(size, 'fr') }} || '{{ space }}%'
        when 'ratio' then {{ ratio_text(size, 'fr') }} || 'x'
        when 'minutes' then {{ minutes_text(size, 'fr') }}
        when 'days' then {{ short_number_text(size, 'fr') }} || '{{ space }}' || case when round({{ size }}, 1) < 2 then 'jour' else 'jours' end
        when 'months' then {{ short_number_text(size, 'fr') }} || '{{ space }}mois'
        when 'years' then {{ short_number_text(size, 'fr') }} || '{{ space }}' || case when round({{ size }}, 1) < 2 then 'an' else 'ans' end
        else {{ short_number_text(size, 'fr') }}
    end
{%- endmacro %}
