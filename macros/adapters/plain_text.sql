{# Text in lower case without accents, the form in which labels are compared. #}
{% macro plain_text(column) -%}
    {{ return(adapter.dispatch('plain_text')(column)) }}
{%- endmacro %}

{% macro duckdb__plain_text(column) -%}
    lower(strip_accents({{ column }}))
{%- endmacro %}

{# Letters of Latin script with one or more accents; accents that stand for themselves go too. #}
{% macro spark__plain_text(column) -%}
    translate(
        regexp_replace(lower({{ column }}), '[\x{0300}-\x{036F}]', '', 'g'),
        'àáâãäåçèéêëìíîïñòóôõöùúûüýÿāăąćĉċčďēĕėęěĝğġģĥĩīĭįĵķĺļľńņňōŏőŕŗřśŝşšţťũūŭůűųŵŷźżžơưǎǐǒǔǖǘǚǜǟǡǣǧǩǫǭǯǰǵǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȟȧȩȫȭȯȱȳ',
        'aaaaaaceeeeiiiinooooouuuuyyaaaccccdeeeeegggghiiiijklllnnnooorrrssssttuuuuuuwyzzzouaiouuuuuaaægkooʒjgnaæøaaeeiioorruusthaeooooy'
    )
{%- endmacro %}
