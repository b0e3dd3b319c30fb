/** What happens to a subject when its approval ends, in words, by the ledger's kind of it. */
const EFFECTS: Readonly<Record<string, { readonly approve: string; readonly reject: string }>> = {
  return: {
    approve:
      'The return is authorized: its goods are awaited, and what comes back is credited and refunded.',
    reject: 'The return is refused: the units stay with the customer, and nothing is paid.',
  },
  'purchase-order': {
    approve: 'The order is sent to its supplier.',
    reject: 'The order is given up and never sent.',
  },
  'stock-adjustment': {
    approve: 'Stock and its value are corrected at once.',
    reject: 'Nothing moves, and the books stay as they are.',
  },
  'finance-entry': {
    approve: 'The entry is posted at once.',
    reject: 'Nothing is posted.',
  },
  goodwill: {
    approve:
      'It is posted, and paid to the payments of the order or kept as credit, as it was asked for.',
    reject: 'Nothing is given.',
  },
  'supplier-change': {
    approve: 'The supplier is changed at once, unless it says something else by then.',
    reject: 'The supplier stays as it is.',
  },
  'master-data-edit': {
    approve: 'The record is changed at once, unless it says something else by then.',
    reject: 'The record stays as it is.',
  },
  'policy-change': {
    approve: 'The draft may be put into force, and is if it names a date.',
    reject: 'The policy stays as it is.',
  },
};

/** What whoever decides brings about. */
export function effectsOf(subjectKind: string): {
  readonly approve: string;
  readonly reject: string;
} {
  return (
    EFFECTS[subjectKind] ?? {
      approve: 'What was asked for is carried out.',
      reject: 'What was asked for is not done.',
    }
  );
}
