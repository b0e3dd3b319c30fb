import type {
  ApprovalConditions,
  ApprovalLevel,
  ApprovalMatrix,
  ApprovalRow,
  ApprovalSubject,
} from './approval-matrix.ts';

/** One person of a role within two business days of eight hours, then the operations lead, then no. */
function askRole(role: string, name = role): ApprovalLevel {
  return {
    name,
    roles: [role],
    people: [],
    quorum: 'any',
    deadlineHours: 16,
    remindAfterHours: 8,
    onExpiry: 'escalate',
    escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' },
  };
}

function ask(
  subject: ApprovalSubject,
  id: string,
  when: ApprovalConditions,
  because: string,
  levels: ApprovalLevel[],
): ApprovalRow {
  return { id, subject, because, when, order: 'sequence', needed: 'all', levels };
}

/** Up to a limit nobody is asked, above it one level, above the next limit two. */
function byAmount(
  subject: ApprovalSubject,
  freeUpToMinor: string,
  oneUpToMinor: string,
  levels: readonly [ApprovalLevel, ApprovalLevel],
): ApprovalRow[] {
  const [first] = levels;
  return [
    ask(subject, `${subject}-small`, { amountUpToMinor: freeUpToMinor }, 'Little is at stake', []),
    ask(subject, `${subject}-medium`, { amountUpToMinor: oneUpToMinor }, 'One person looks at it', [
      first,
    ]),
    ask(subject, `${subject}-large`, {}, 'Two people look at what is expensive', [...levels]),
  ];
}

/** A subject that no process asks about yet. */
function reserved(subject: ApprovalSubject): ApprovalRow {
  return ask(subject, `${subject}-reserved`, {}, 'Reserved: nothing asks for it yet', []);
}

const approver = askRole('approver');
const finance = askRole('finance');
const procurement = askRole('procurement');
const ops = { ...askRole('admin'), escalateTo: null, onExpiry: 'reject' } satisfies ApprovalLevel;

const rows: ApprovalRow[] = [
  reserved('refund'),
  ask(
    'return',
    'return-risky-customer',
    { customerRisks: ['high'] },
    'Returns of customers at high risk are always looked at',
    [approver],
  ),
  ...byAmount('return', '10000', '100000', [approver, finance]),
  ...byAmount('write-off', '10000', '100000', [approver, finance]),
  ...byAmount('stock-correction', '10000', '100000', [approver, finance]),
  ask(
    'purchase-order',
    'purchase-order-risky-supplier',
    { supplierRisks: ['high'] },
    'What is ordered from suppliers at high risk is looked at by two',
    [procurement, finance],
  ),
  ...byAmount('purchase-order', '500000', '2500000', [procurement, finance]),
  reserved('price-override'),
  reserved('order-edit'),
  ask(
    'supplier-change',
    'supplier-change-identity',
    { fields: ['supplier.name', 'supplier.email', 'supplier.currency'] },
    'Who is paid, and where orders go, is where fraud begins',
    [procurement, finance],
  ),
  ask('supplier-change', 'supplier-change-other', {}, 'Nobody is paid by the rest', []),
  ask(
    'master-data-edit',
    'master-data-edit-value',
    {
      fields: [
        'sku.costMethod',
        'sku.standardCost',
        'sku.supplier',
        'node.country',
        'channel.trustsFile',
      ],
    },
    'Value, tax and trust hang on it',
    [approver],
  ),
  ask('master-data-edit', 'master-data-edit-other', {}, 'The rest is daily work', []),
  ask('policy-change', 'policy-change', {}, 'A policy decides in place of people', [ops]),
  ...byAmount('manual-journal', '100000', '1000000', [finance, ops]),
  ...byAmount('goodwill', '2000', '10000', [approver, finance]),
  reserved('chargeback-acceptance'),
];

/** Version 1 of the approval matrix: what a new shop starts with. */
export const DEFAULT_APPROVAL_MATRIX: ApprovalMatrix = {
  rows,
  calendars: {
    default: {
      timeZone: 'UTC',
      hours: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' })),
      holidays: [],
      roles: [],
      regions: [],
    },
  },
  separatedDuties: [
    {
      id: 'supplier-change-and-payment',
      duties: ['supplier-change', 'supplier-payment'],
      because: 'Whoever changes a supplier does not pay that supplier',
    },
    {
      id: 'receipt-and-invoice-match',
      duties: ['goods-receipt', 'invoice-match'],
      because: 'Whoever received the goods does not match their invoice',
    },
    {
      id: 'count-and-correction',
      duties: ['stock-count', 'stock-correction'],
      because: 'Whoever counted does not approve the correction',
    },
    {
      id: 'count-and-write-off',
      duties: ['stock-count', 'write-off'],
      because: 'Whoever counted does not approve the write-off',
    },
  ],
  materialChange: {
    amountToleranceBasisPoints: 0,
    quantityToleranceBasisPoints: 0,
    ignoredDetails: ['note', 'reference'],
  },
  informationHours: 24,
  changeHours: 40,
  reassignRoles: ['ops', 'admin'],
  // Round figures to begin with, which every shop replaces by its own.
  exchangeRates: { base: 'GBP', rates: { EUR: '0.85', USD: '0.75' } },
};
