{# The form of 18 characters of a Salesforce id, which the API gives, from the one of 15, which reports give: each of the
   three characters it adds says which of five are capitals. Anything else stays as it is. #}
{% macro full_salesforce_id(column) -%}
    case
        when regexp_full_match({{ column }}, '[0-9A-Za-z]{15}')
            then {{ column }}
                {%- for chunk in range(3) %}
                || substr(
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
                    1
                    {%- for place in range(5) %}
                    + case when substr({{ column }}, {{ chunk * 5 + place + 1 }}, 1) between 'A' and 'Z' then {{ 2 ** place }} else 0 end
                    {%- endfor %},
                    1
                )
                {%- endfor %}
        else {{ column }}
    end
{%- endmacro %}
