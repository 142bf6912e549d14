-- Every open stage of a CRM stands for a stage of the funnel. What no mapping names is named here, with the file to edit.
{{ refuse_unmapped_stages(ref('int_source_stages__mapped')) }}
