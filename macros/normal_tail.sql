{# Probability that a standard normal variable lies further from 0 than z, on either side: the complementary error
   function by its Chebyshev fit (Press et al., Numerical Recipes, 2nd ed., 6.2), relative error below 1.2e-7 however
   far out, which a table of the bulk of the distribution would not give. #}
{% macro normal_tail(z) -%}
    {%- set x = "(abs(" ~ z ~ ") / sqrt(2.0))" -%}
    {%- set t = "(1 / (1 + 0.5 * " ~ x ~ "))" -%}
    {%- set ns = namespace(sum="0.17087277") -%}
    {%- for factor in ["-0.82215223", "1.48851587", "-1.13520398", "0.27886807", "-0.18628806", "0.09678418", "0.37409196", "1.00002368", "-1.26551223"] -%}
        {%- set ns.sum = "(" ~ factor ~ " + " ~ t ~ " * " ~ ns.sum ~ ")" -%}
    {%- endfor -%}
    {{ t }} * exp(-{{ x }} * {{ x }} + {{ ns.sum }})
{%- endmacro %}
