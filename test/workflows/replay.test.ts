import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { WORKFLOW_TYPES } from '../../workflows/process/messages.ts';
import { quietRuntime } from '../support/loopline.ts';
import { BUYER } from './order-desk.ts';
import {
  bundleForReplay,
  readRecordings,
  replay,
  type Recording,
  type Replayed,
} from './replay.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Cases that every workflow type has, and further ones by type. */
const EVERYWHERE = ['ledger-away-across-a-timer', 'task-again-after-a-crash'];
const REVIEW = [
  'update-accepted',
  'update-rejected',
  'updates-just-before-the-end',
  'approval-overdue',
];
const LONG = ['continued-as-new', 'continued-as-new-second-run'];
const CASES: Record<(typeof WORKFLOW_TYPES)[keyof typeof WORKFLOW_TYPES], readonly string[]> = {
  orderProcess: [
    'straight',
    'prepaid',
    'two-shipments',
    ...['payment-declined', 'payment-challenged', 'address', 'fraud'].flatMap((hold) =>
      ['released', 'expired', 'cancelled'].map((end) => `hold-${hold}-${end}`),
    ),
    'cancelled-before-start',
    'cancelled-when-released',
    'cancelled-with-deposit',
    'cancelled-after-one-of-two-shipments',
    'cancelled-in-the-engine',
    'capture-failed-then-accepted',
    'capture-asked-again',
    ...LONG,
  ],
  returnProcess: [
    'straight',
    'nothing-came-in-time',
    'inspection-late',
    'refund-failed-then-credited',
    'capture-settled-while-waiting',
    'capture-overdue',
    'cancelled-in-the-engine',
    'cancelled-in-the-engine-in-review',
    ...REVIEW,
    ...LONG,
  ],
  purchaseOrderProcess: ['straight', 'supplier-late', ...REVIEW, ...LONG],
  replenishmentProcess: ['straight'],
  stockAdjustmentProcess: REVIEW,
  financeEntryProcess: REVIEW,
  approvalProcess: REVIEW,
  goodwillProcess: ['refund-failed-then-credited', ...REVIEW],
};

let recordings: Recording[];
let replayed: Map<string, Replayed>;

beforeAll(async () => {
  quietRuntime();
  recordings = await readRecordings();
  replayed = await replay(await bundleForReplay(), recordings);
});

/** Which recordings the changed source cannot replay. */
async function brokenBy(change: { file: string; from: string; to: string }): Promise<string[]> {
  const results = await replay(await bundleForReplay([change]), recordings);
  return [...results].filter(([, { error }]) => error !== undefined).map(([name]) => name);
}

/** Which recordings' steps are asked something else by the changed source. */
async function otherInputsBy(change: {
  file: string;
  from: string;
  to: string;
}): Promise<string[]> {
  const results = await replay(await bundleForReplay([change]), recordings);
  return recordings
    .filter(
      ({ name, inputs }) => JSON.stringify(results.get(name)?.inputs) !== JSON.stringify(inputs),
    )
    .map(({ name }) => name);
}

test('every case of every workflow type is recorded', () => {
  const names = new Set(recordings.map(({ name }) => name));
  const wanted = Object.entries(CASES).flatMap(([type, cases]) =>
    [...EVERYWHERE, ...cases].map((name) => `${type}/${name}`),
  );
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

test('the code of today replays every run of yesterday', () => {
  const errors = [...replayed].filter(([, { error }]) => error !== undefined);
  expect(errors.map(([name, { error }]) => `${name}: ${error?.message}`)).toEqual([]);
  expect(replayed.size).toBe(recordings.length);
});

test('and asks its steps the very same', () => {
  for (const { name, inputs } of recordings)
    expect(replayed.get(name)?.inputs, name).toEqual(inputs);
});

describe('replay notices', () => {
  test('another order of steps', async () => {
    const broken = await brokenBy({
      file: 'workflows/order/workflow.ts',
      from: 'if (order.authorize !== null) order = await authorizePayment(order, order.authorize);\n    else if (order.screening.length > 0) order = await ledger.screenOrder({ orderId });',
      to: 'if (order.screening.length > 0) order = await ledger.screenOrder({ orderId });\n    else if (order.authorize !== null) order = await authorizePayment(order, order.authorize);',
    });
    expect(broken).toContain('orderProcess/hold-fraud-released');
    expect(broken.every((name) => name.startsWith('orderProcess/'))).toBe(true);
  });

  test('a step that is left out', async () => {
    const broken = await brokenBy({
      file: 'workflows/return/workflow.ts',
      from: '  if (label !== null) return sendLabel(position, label);\n',
      to: '',
    });
    expect(broken).toContain('returnProcess/straight');
  });

  test('no changed threshold: rules do not run in workflows', async () => {
    const change = {
      file: 'rules/policy/defaults.ts',
      from: "fraudFromMinor: '50000'",
      to: "fraudFromMinor: '1'",
    };
    expect(await brokenBy(change)).toEqual([]);
    expect(await otherInputsBy(change)).toEqual([]);
  });
});

test('replay alone misses a changed input of a local step; the comparison of inputs does not', async () => {
  const change = {
    file: 'workflows/order/workflow.ts',
    from: "occurrence: fact ?? 'look' }",
    to: "occurrence: `again:${fact ?? 'look'}` }",
  };
  expect(await brokenBy(change)).toEqual([]);
  expect(await otherInputsBy(change)).toContain('orderProcess/straight');
});

test('no history holds personal data, or the name of the machine that recorded it', () => {
  const personal = [
    BUYER.name,
    BUYER.email,
    BUYER.street,
    BUYER.postalCode,
    '@',
    'file://',
    'node_modules',
  ];
  for (const { name, history } of recordings) {
    const text = textOf(history);
    for (const datum of personal)
      expect(text.includes(datum), `${name} holds ${datum}`).toBe(false);
  }
});

/** All text of a history, the payloads' bytes decoded. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, part]) =>
      key === 'data' && typeof part === 'string'
        ? Buffer.from(part, 'base64').toString('utf8')
        : textOf(part),
    )
    .join('\n');
}
