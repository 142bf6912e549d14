{# Why a table is late or stale, in plain sentences of a language, `en` or `fr`: what came last when, since when the next
   one is due, which kind of data that is and what becomes of its figures. Nothing of a table that is fresh. #}
{% macro freshness_reason(language) -%}
    {%- set words = {
        'en': {'of': 'The last export of the table ', 'made': ' was made on ', 'quiet': ', but nothing in it is newer than ',
               'next': '; the next one has been due for ', 'new': '; something new has been due for ', 'data': '. Data concerned: ',
               'stale': '. Figures that need it are marked as degraded in the periods that still run',
               'late': '. Figures are shown as usual for now',
               'units': {'hour': ['hour', 'hours'], 'day': ['day', 'days'], 'business': ['business day', 'business days']}},
        'fr': {'of': 'Le dernier export de la table ', 'made': ' date du ', 'quiet': ", mais rien n''y est plus récent que le ",
               'next': ' ; le suivant est attendu depuis ', 'new': ' ; du nouveau est attendu depuis ', 'data': '. Données concernées : ',
               'stale': '. Les chiffres qui en dépendent sont signalés comme dégradés pour les périodes en cours',
               'late': ". Les chiffres sont affichés normalement pour l''instant",
               'units': {'hour': ['heure', 'heures'], 'day': ['jour', 'jours'], 'business': ['jour ouvré', 'jours ouvrés']}}
    }[language] -%}
    case when status in ('late', 'stale') then
        '{{ words.of }}' || table_name || ' (' || source_instance || ')'
        || '{{ words.made }}' || {{ day_label(local_date('newest_extracted_at'), language) }}
        || case when cause = 'export' then '{{ words.next }}'
            else '{{ words.quiet }}' || {{ day_label(local_date('newest_business_at'), language) }} || '{{ words.new }}' end
        || case
            {%- for condition, hours, unit in [
                ('is_in_business_days', 24, words.units.business), ('hours_late >= 48', 24, words.units.day), ('true', 1, words.units.hour)
            ] %}
            {%- set count = 'greatest(floor(hours_late / ' ~ hours ~ '), 1)' %}
            when {{ condition }} then cast(cast({{ count }} as bigint) as varchar)
                || case when {{ count }} > 1 then ' {{ unit[1] }}' else ' {{ unit[0] }}' end
            {%- endfor %}
        end
        || coalesce('{{ words.data }}' || label_{{ language }}
            || case when status = 'stale' then '{{ words.stale }}' else '{{ words.late }}' end, '')
        || '.'
    end
{%- endmacro %}
