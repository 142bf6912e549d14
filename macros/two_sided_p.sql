{# Probability that Student's t lies further from 0 than the given one: Wallace's (1959) normal deviate of the same
   probability, right to three digits in the far tails, and the normal distribution's own. #}
{% macro two_sided_p(t, degrees) -%}
    {%- set v = "cast(" ~ degrees ~ " as double)" -%}
    {{ normal_tail("((8 * " ~ v ~ " + 1) / (8 * " ~ v ~ " + 3) * sqrt(" ~ v ~ " * ln(1 + " ~ t ~ " * " ~ t ~ " / " ~ v ~ ")))") }}
{%- endmacro %}
