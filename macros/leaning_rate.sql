{# The share won of the deals seen of a kind, leaning on that of the wider kind as if so many had been seen of that. #}
{% macro leaning_rate(wider_rate, kind) -%}
    (sum(won_count) over (partition by {{ kind | join(', ') }}) + {{ var('forecast_leaning_count') }} * {{ wider_rate }})
    / (sum(seen_count) over (partition by {{ kind | join(', ') }}) + cast({{ var('forecast_leaning_count') }} as double))
{%- endmacro %}
