-- What concerns the shop as a whole lies nowhere, so that it is for those who reach every place: entries about no
-- customer, and policies that are to hold everywhere. What is asked about such things lies where they do.

update ledger.approval a set reach_nodes = '{}', reach_channels = '{}', reach_regions = '{}'
from ledger.finance_entry f where f.entry_id = a.subject_id and f.customer_id is null;
update ledger.exception e set reach_nodes = '{}', reach_channels = '{}', reach_regions = '{}'
from ledger.finance_entry f where f.entry_id = e.subject_id and f.customer_id is null;

update ledger.approval a set reach_nodes = case when (d.channel, d.region) = ('*', '*') then '{}' else '{*}' end::text[],
  reach_channels = array_remove(array[d.channel], '*'), reach_regions = array_remove(array[d.region], '*')
from ledger.policy_draft d where a.subject_id = 'policy-change:' || d.draft_id;
update ledger.exception e set reach_nodes = case when (d.channel, d.region) = ('*', '*') then '{}' else '{*}' end::text[],
  reach_channels = array_remove(array[d.channel], '*'), reach_regions = array_remove(array[d.region], '*')
from ledger.policy_draft d where e.subject_id = 'policy-change:' || d.draft_id;
