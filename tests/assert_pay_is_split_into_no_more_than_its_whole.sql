-- The shares of a month's pay sum to at most 1; what they leave over stays unallocated.
select
    month_date,
    sum(share) as share
from {{ ref('payroll_allocation') }}
group by month_date
having sum(share) > 1
