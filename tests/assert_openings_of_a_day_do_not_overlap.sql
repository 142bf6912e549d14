-- The company opens before it closes, and opens again only after it has closed.
select
    iso_weekday,
    opens_at,
    closes_at
from {{ ref('business_hours') }}
qualify
    opens_at >= closes_at
    or opens_at < lag(closes_at) over (partition by iso_weekday order by opens_at)
