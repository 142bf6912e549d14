{# The 97.5 % quantile of Student's distribution, by Cornish and Fisher's expansion (Abramowitz and Stegun 26.7.5): within
   4 % of the exact one from 2 degrees of freedom, within 1 % from 3. #}
{% macro student_quantile(degrees) -%}
    {%- set z = 1.959963984540054 -%}
    (
        {{ z }}
        + {{ (z ** 3 + z) / 4 }} / ({{ degrees }})
        + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power({{ degrees }}, 2)
        + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / power({{ degrees }}, 3)
    )
{%- endmacro %}
