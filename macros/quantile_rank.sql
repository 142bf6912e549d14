{# Place, among sorted records, of the lower or upper end of the 95 % interval of a quantile (Conover 1999, section 3.2):
   the quantiles of the binomial number of records below it, by Cornish and Fisher. For each number of records the
   interval holds the true quantile with at least 95 %; a place before the first record or after the last says that
   there are too few for an end. #}
{% macro quantile_rank(records, percentile, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set share = percentile ~ ' / 100.0' -%}
    cast(floor(
        {{ records }} * {{ share }} + (1 - 2 * {{ share }}) * {{ (z * z - 1) / 6 }} + 0.5
        {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt({{ records }} * {{ share }} * (1 - {{ share }}))
    ) as bigint){{ ' + 1' if side == 'high' }}
{%- endmacro %}
