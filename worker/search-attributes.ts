/**
 * The few search attributes that operators filter workflows by in Temporal's UI, and their types.
 * Lists and dashboards read the ledger's projections instead.
 */
export const SEARCH_ATTRIBUTES = {
  Channel: 'Keyword',
  OrderStatus: 'Keyword',
  Hold: 'Keyword',
  Owner: 'Keyword',
  Node: 'Keyword',
} as const;
