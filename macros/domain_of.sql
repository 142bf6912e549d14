{# The internet domain in a web address, a domain or an e-mail address, in lower case, without www. #}
{% macro domain_of(column) -%}
    nullif(
        split_part(
            split_part(
                regexp_replace(
                    regexp_replace(lower(trim({{ column }})), '^.*@', ''),
                    '^(https?://)?(www\.)?', ''
                ),
                '/', 1
            ),
            ':', 1
        ),
        ''
    )
{%- endmacro %}
