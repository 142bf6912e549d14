with

opportunities as (

    select * from {{ ref('int_opportunities__conformed') }}

),

lines as (

    select * from {{ ref('int_opportunity_lines__unioned') }}

),

products as (

    select * from {{ ref('stg_custom__products') }}
    where not is_deleted

),

named as (

    select product from opportunities
    union
    select product from lines
    union
    select product_name as product from products where product_name is not null
    union
    select 'unknown' as product
    union
    select 'unallocated' as product

),

final as (

    select
        named.product,
        max(products.product_family) as product_family,
        max(products.list_price_amount) as list_price_amount

    from named
    left join products on named.product = products.product_name
    group by named.product

)

select * from final
