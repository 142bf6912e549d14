-- Each dashboard has 7 to 10 tiles, 5 to 7 of them headlines; those of the sales team look at all four families of KPIs.
{{ refuse_unbalanced_dashboards(ref('dashboards'), ref('kpi_registry')) }}
