{# Whether an open deal is overdue on a day, due within so many days of it, or due later; of unknown when nothing told a date. #}
{% macro due_class(close_date, day, days) -%}
    case
        when {{ close_date }} is null then 'unknown'
        when {{ close_date }} < {{ day }} then 'overdue'
        when {{ close_date }} <= {{ day }} + cast({{ days }} as integer) then 'due'
        else 'later'
    end
{%- endmacro %}
