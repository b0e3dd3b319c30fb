/** Why something was returned, cancelled, adjusted or resolved; seeded into every ledger. */
export const REASON_CODES = [
  {
    reason_code: 'changed-mind',
    subject: 'return',
    description: 'The customer changed their mind',
  },
  { reason_code: 'damaged', subject: 'return', description: 'Arrived damaged' },
  { reason_code: 'defective', subject: 'return', description: 'Does not work as described' },
  { reason_code: 'wrong-item', subject: 'return', description: 'Another item was sent' },
  { reason_code: 'unspecified', subject: 'return', description: 'No reason was given' },
  {
    reason_code: 'customer-request',
    subject: 'cancellation',
    description: 'The customer asked for it',
  },
  {
    reason_code: 'payment-failed',
    subject: 'cancellation',
    description: 'The payment was not authorized',
  },
  {
    reason_code: 'fraud-suspected',
    subject: 'cancellation',
    description: 'Screening or a person refused the order',
  },
  {
    reason_code: 'address-undeliverable',
    subject: 'cancellation',
    description: 'The address cannot be delivered to',
  },
  { reason_code: 'out-of-stock', subject: 'cancellation', description: 'The goods will not come' },
  {
    reason_code: 'process-failed',
    subject: 'cancellation',
    description: 'A step failed for good and was undone',
  },
  { reason_code: 'counted', subject: 'adjustment', description: 'A count found another quantity' },
  { reason_code: 'found', subject: 'adjustment', description: 'Goods were found' },
  { reason_code: 'lost', subject: 'adjustment', description: 'Goods cannot be found' },
  { reason_code: 'broken', subject: 'adjustment', description: 'Goods broke in the warehouse' },
] as const;
