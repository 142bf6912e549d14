-- A table without which its system is of no use holds rows in every folder that ever delivered it; what never came is no_source.
{{ refuse_empty_tables(ref('stg_loader__tables'), ref('stg_loader__loads'), ref('stg_loader__columns')) }}
