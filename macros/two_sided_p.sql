{# Probability that Student's t lies further from 0 than the given one: that of Wallace's (1959) normal deviate. With eight
   degrees of freedom or more it is right to 2 % up to a t of 4, and never more than an eighth too large up to 9. #}
{% macro two_sided_p(t, degrees) -%}
    {%- set v = "cast(" ~ degrees ~ " as double)" -%}
    {{ normal_tail("((8 * " ~ v ~ " + 1) / (8 * " ~ v ~ " + 3) * sqrt(" ~ v ~ " * ln(1 + " ~ t ~ " * " ~ t ~ " / " ~ v ~ ")))") }}
{%- endmacro %}
