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
  {
    reason_code: 'not-investigated',
    subject: 'exception',
    description: 'Nobody has looked for the cause',
  },
  {
    reason_code: 'resolved-itself',
    subject: 'exception',
    description: 'The trouble was over by itself',
  },
  {
    reason_code: 'wrong-setting',
    subject: 'exception',
    description: 'A setting, a policy or master data was wrong',
  },
  { reason_code: 'software-defect', subject: 'exception', description: 'A defect of ours' },
  {
    reason_code: 'data-wrong',
    subject: 'exception',
    description: 'What was recorded did not fit what had happened',
  },
  {
    reason_code: 'provider-away',
    subject: 'exception',
    description: 'A provider or a service did not answer, or answered wrongly',
  },
  {
    reason_code: 'payment-refused',
    subject: 'exception',
    description: 'The bank or the card refused the payment',
  },
  { reason_code: 'buyer-silent', subject: 'exception', description: 'The buyer did not answer' },
  {
    reason_code: 'authorization-over',
    subject: 'exception',
    description: 'The authorization had run out or was too small',
  },
  { reason_code: 'fraud-confirmed', subject: 'exception', description: 'It was fraud' },
  { reason_code: 'fraud-unfounded', subject: 'exception', description: 'It was no fraud' },
  {
    reason_code: 'address-wrong',
    subject: 'exception',
    description: 'The buyer gave a wrong address',
  },
  {
    reason_code: 'address-good',
    subject: 'exception',
    description: 'The address was good after all',
  },
  {
    reason_code: 'stock-miscounted',
    subject: 'exception',
    description: 'The books said more than was there',
  },
  {
    reason_code: 'sold-elsewhere',
    subject: 'exception',
    description: 'Another channel sold the same units',
  },
  { reason_code: 'carrier-late', subject: 'exception', description: 'The carrier took too long' },
  { reason_code: 'carrier-lost', subject: 'exception', description: 'The carrier lost it' },
  {
    reason_code: 'warehouse-busy',
    subject: 'exception',
    description: 'The warehouse had no time for it',
  },
  {
    reason_code: 'warehouse-mistake',
    subject: 'exception',
    description: 'A mistake in the warehouse',
  },
  {
    reason_code: 'customer-sent-other',
    subject: 'exception',
    description: 'The customer sent something else, or more',
  },
  {
    reason_code: 'supplier-behind',
    subject: 'exception',
    description: 'The supplier did not keep the date',
  },
  {
    reason_code: 'supplier-stopped',
    subject: 'exception',
    description: 'The supplier does not deliver to us any more',
  },
  {
    reason_code: 'supplier-mistake',
    subject: 'exception',
    description: 'A mistake of the supplier',
  },
  {
    reason_code: 'ordered-wrong',
    subject: 'exception',
    description: 'We ordered something else than we wanted',
  },
  {
    reason_code: 'price-outdated',
    subject: 'exception',
    description: 'Our price of it was out of date',
  },
  {
    reason_code: 'fee-unknown',
    subject: 'exception',
    description: 'A fee that nobody had expected',
  },
  {
    reason_code: 'payment-missing',
    subject: 'exception',
    description: 'A payment is missing from the settlement',
  },
  {
    reason_code: 'channel-mistake',
    subject: 'exception',
    description: 'The channel sent it wrongly, late or twice',
  },
  {
    reason_code: 'message-late',
    subject: 'exception',
    description: 'A message came late or twice',
  },
  {
    reason_code: 'approver-absent',
    subject: 'exception',
    description: 'Nobody who may decide was there',
  },
  {
    reason_code: 'facts-missing',
    subject: 'exception',
    description: 'What the decision needed was missing',
  },
] as const;
