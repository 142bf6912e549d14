{# Lower or upper end of the 95 % interval of a statistic of amounts or durations, by the columns of `kpi_intervals`.
   A sum: the interval of as many records of one size (Fay and Feuer 1997). A share: Wilson's, of as many records of one
   size (Kish 1965). A mean or another ratio: Student's of its logarithm. Where records below nought make these
   senseless, Student's or the normal one of the value itself. #}
{% macro amount_bound(side) -%}
    {%- set sign = '-' if side == 'low' else '+' -%}
    {%- set student = student_quantile('(records_count - 1)') -%}
    case
        when standard_error is null then null
        when statistic = 'share' then {{ wilson_bound('value * equal_records', 'equal_records', side) }}
        when statistic = 'sum' and value > 0 and equal_records >= 1
            then {{ poisson_bound('equal_records', side) }} * value / equal_records
        when statistic = 'sum' then value {{ sign }} 1.959963984540054 * standard_error
        when value > standard_error then value * exp({{ sign }} {{ student }} * standard_error / value)
        else value {{ sign }} {{ student }} * standard_error
    end
{%- endmacro %}
