{# The table of a seed, filled. Seeds of the config folder replace the project's own of the same name, also when the
   project's own has no rows; columns go by name. (An absolute path in `seed-paths` would do it too, but dbt then
   overwrites the files: dbt-core#7373.) #}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {%- set own = adapter.get_seed_file_path(model) -%}
    {%- set folder = run_query("select getvariable('config_folder')").rows[0][0] -%}
    {%- set given = (folder ~ '/' ~ model.name ~ '.csv') if folder else own -%}
    {%- set found = run_query("select count(*) from glob('" ~ given | replace("'", "''") ~ "')").rows[0][0] -%}
    {%- set path = given if found else own -%}
    {%- set sql = default__create_csv_table(model, agate_table) -%}
    {%- call statement('fill') -%}
        insert into {{ this.render() }} by name
        select * from read_csv('{{ path | replace("'", "''") }}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '')
    {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{# `scripts/export_raw.py` has written the seeds as they apply. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set types = model.config.column_types -%}
    {%- call statement('fill') -%}
        create table {{ this.render() }}
        using parquet
        as
        select
            {%- for column in agate_table.column_names %}
            cast({{ column }} as {{ 'varchar' if types[column] == 'time' else types[column] }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from business_seeds.{{ model.name }}
    {%- endcall -%}
    {{ return('select 1') }}
{% endmacro %}
