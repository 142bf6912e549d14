{# One plain sentence in a language, `en` or `fr`: what moved, by how much, because of what, and what to look at first. #}
{% macro alert_message(language) -%}
    {%- set words = {
        'en': {'is': ': ', 'below': ' below the ', 'above': ' above the ', 'below_target': ' below its target of ',
               'above_target': ' above its target of ', 'expected': ' expected from its own past', 'due': ' of its target due by now',
               'bad': ', mostly because of ', 'good': ', mostly thanks to ',
               'drag': ', held back most by ', 'help': ', helped most by ', 'look': '; look first at '},
        'fr': {'is': ' : ', 'below': ' sous les ', 'above': ' au-dessus des ', 'below_target': " sous l''objectif de ",
               'above_target': " au-dessus de l''objectif de ", 'expected': " attendus d''après son historique",
               'due': " de l''objectif dus à ce jour",
               'bad': ', facteur principal : ', 'good': ', facteur principal : ',
               'drag': ', principal frein : ', 'help': ', principal soutien : ', 'look': " ; à regarder d''abord : "}
    }[language] -%}
    {%- set format = {'en': format_value_en, 'fr': format_value_fr}[language] -%}
    {#- nobody expects a part of a call -#}
    {%- set compared = "case when unit = 'count' then round(compared_value, 0) else compared_value end" -%}
    subject_{{ language }} || '{{ words.is }}' || {{ format('value', 'unit') }}
        || ' ' || {{ period_label('period_grain', 'period_start_date', 'is_running', language) }} || ', '
        || {{ distance_text('value', 'compared_value', 'unit', language) }}
        || case
            when alert_reason = 'target_missed' and not is_running and value < compared_value then '{{ words.below_target }}'
            when alert_reason = 'target_missed' and not is_running then '{{ words.above_target }}'
            when value < compared_value then '{{ words.below }}'
            else '{{ words.above }}'
        end
        || {{ format('(' ~ compared ~ ')', 'unit') }}
        || case
            when alert_reason = 'significant_change' then '{{ words.expected }}'
            when is_running then '{{ words.due }}'
            else ''
        end
        || coalesce(
            case
                when is_main_driver and is_for_the_better then '{{ words.good }}'
                when is_main_driver then '{{ words.bad }}'
                when is_for_the_better then '{{ words.help }}'
                else '{{ words.drag }}'
            end || driver_label_{{ language }},
            ''
        )
        -- what goes well needs no remedy
        || case when is_for_the_better then '' else '{{ words.look }}' || look_{{ language }} end || '.'
{%- endmacro %}
