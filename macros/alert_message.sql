{# One plain sentence in a language, `en` or `fr`: what moved, by how much, because of what, and what to look at first. #}
{% macro alert_message(language) -%}
    {%- set words = {
        'en': {'is': ': ', 'below': ' below ', 'above': ' above ', 'expected': ' that its own past lets expect',
               'due': ' of its target due by now', 'target': ' of its target', 'the': 'the ',
               'bad': ', mostly because of ', 'good': ', mostly thanks to ', 'look': '; look first at '},
        'fr': {'is': ' : ', 'below': ' sous les ', 'above': ' au-dessus des ', 'expected': " attendus d''après son propre passé",
               'due': " de l''objectif dus à ce jour", 'target': " de l''objectif", 'the': '',
               'bad': ', premier facteur : ', 'good': ', premier facteur : ', 'look': " ; à regarder d''abord : "}
    }[language] -%}
    {%- set format = {'en': format_value_en, 'fr': format_value_fr}[language] -%}
    {#- nobody expects a part of a call -#}
    {%- set compared = "case when unit = 'count' then round(compared_value, 0) else compared_value end" -%}
    subject_{{ language }} || '{{ words.is }}' || {{ format('value', 'unit') }}
        || ' ' || {{ period_label('period_grain', 'period_start_date', 'is_running', language) }} || ', '
        || {{ distance_text('value', 'compared_value', 'unit', language) }}
        || case when value < compared_value then '{{ words.below }}' else '{{ words.above }}' end || '{{ words.the }}'
        || {{ format('(' ~ compared ~ ')', 'unit') }}
        || case
            when alert_reason = 'significant_change' then '{{ words.expected }}'
            when is_running then '{{ words.due }}'
            else '{{ words.target }}'
        end
        || coalesce(case when is_for_the_better then '{{ words.good }}' else '{{ words.bad }}' end || driver_label_{{ language }}, '')
        || '{{ words.look }}' || look_{{ language }} || '.'
{%- endmacro %}
