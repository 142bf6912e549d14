with

accounts as (

    select * from {{ ref('int_accounts__unioned') }}

),

merged_records as (

    select * from {{ ref('int_merges__resolved') }}
    where entity = 'account'

),

-- records of two CRMs are one account when they share a domain that is a company's own; never by name. What was merged
-- away keeps its domain, and gives its id to nobody
nodes as (

    select
        accounts.account_source_id as id,
        accounts.company_domain as key,
        case when merged_records.merged_source_id is null then '0|' else '1|' end || accounts.account_source_id as label

    from accounts
    left join merged_records on accounts.account_source_id = merged_records.merged_source_id
    where not accounts.is_deleted or merged_records.merged_source_id is not null

),

links as (

    select merged_source_id as from_id, kept_source_id as to_id from merged_records
    union
    select kept_source_id as from_id, merged_source_id as to_id from merged_records

),
{{ connected_labels('nodes', 'links') }},

absent as (

    select
        merged_records.merged_source_id,
        merged_records.kept_source_id

    from merged_records
    left join nodes on merged_records.merged_source_id = nodes.id
    where nodes.id is null

),

final as (

    select
        id as account_source_id,
        substring(label, 3) as account_id

    from labelled

    union all

    select
        absent.merged_source_id as account_source_id,
        substring(labelled.label, 3) as account_id

    from absent
    inner join labelled on absent.kept_source_id = labelled.id

)

select * from final
