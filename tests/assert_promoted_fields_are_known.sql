-- Every custom field that the contract of a mart promotes to a column is one that records have and that may be published.
{{ refuse_unknown_fields({
    'fct_opportunities': ref('int_opportunities__conformed'),
    'fct_leads': ref('int_people__conformed'),
    'dim_accounts': ref('int_accounts__conformed'),
}) }}
