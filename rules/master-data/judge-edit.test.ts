import { describe, expect, test } from 'vitest';
import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import { judgeEdit, type MasterRecord } from './judge-edit.ts';
import { RECORD_FIELDS, subjectOfField, type RecordNoun } from './record-fields.ts';

const SUPPLIER = { name: 'Acme', currency: 'GBP', leadTimeDays: 3, email: 'a@example.com' };
const SKU = {
  description: 'A mug',
  unitOfMeasure: 'each',
  barcode: null,
  class: 'B',
  costMethod: 'fifo',
  standardCost: null,
  supplier: 'acme',
  supplierPrice: '2.00',
  minimumQuantity: 1,
  multipleQuantity: 1,
  leadTimeDays: null,
};

function judge(
  noun: RecordNoun,
  before: MasterRecord | null,
  after: MasterRecord,
  document: ApprovalMatrix = DEFAULT_APPROVAL_MATRIX,
) {
  return judgeEdit(
    { version: 'approval-matrix@1', document },
    {
      noun,
      before,
      after,
      channel: null,
      region: null,
      risk: noun === 'supplier' ? 'normal' : null,
      currency: 'GBP',
      atMs: Date.parse('2026-11-16T09:00:00Z'),
      actor: 'rita',
    },
  );
}

describe('an edit', () => {
  test('of what nobody is asked about is written whole', () => {
    const after = { ...SUPPLIER, leadTimeDays: 9 };
    expect(judge('supplier', SUPPLIER, after)).toEqual({ apply: after, change: null });
  });

  test('that changes nothing asks nobody, however it writes it', () => {
    const short = { ...SKU, supplierPrice: '2', barcode: undefined };
    expect(judge('sku', SKU, short)).toEqual({ apply: SKU, change: null });
    expect(judge('sku', SKU, { ...short, supplierPrice: undefined }).change).toBeNull();
  });

  test('of a record that is new asks nobody', () => {
    expect(judge('supplier', null, SUPPLIER)).toEqual({ apply: SUPPLIER, change: null });
  });

  test('waits in the fields that ask somebody, and only in those', () => {
    const after = { name: 'Acme Ltd', currency: 'GBP', leadTimeDays: 9, email: null };
    const { apply, change } = judge('supplier', SUPPLIER, after);
    expect(apply).toEqual({ ...SUPPLIER, leadTimeDays: 9 });
    expect(change).toMatchObject({
      fields: ['name', 'email'],
      after: { name: 'Acme Ltd', email: null },
      approval: {
        rule: 'supplier-change-identity',
        facts: { subject: 'supplier-change', fields: ['supplier.name', 'supplier.email'] },
      },
    });
  });

  test('takes a price along with its supplier, and a standard cost with its method', () => {
    const moved = judge('sku', SKU, { ...SKU, supplier: 'other', description: 'New' });
    expect(moved.change?.fields).toEqual([
      'supplier',
      'supplierPrice',
      'minimumQuantity',
      'multipleQuantity',
    ]);
    expect(moved.apply).toEqual({ ...SKU, description: 'New' });
    const costed = judge('sku', SKU, { ...SKU, costMethod: 'standard', standardCost: '3' });
    expect(costed.change).toMatchObject({
      fields: ['costMethod', 'standardCost'],
      after: { costMethod: 'standard', standardCost: '3.00' },
    });
    expect(judge('sku', SKU, { ...SKU, supplierPrice: '3' }).change).toBeNull();
  });

  test('of several fields asks whom the row with most levels asks', () => {
    const [one] = DEFAULT_APPROVAL_MATRIX.rows.flatMap(({ levels }) => levels);
    if (one === undefined) throw new Error('the default matrix asks somebody');
    const row = {
      subject: 'supplier-change',
      because: 'x',
      order: 'sequence',
      needed: 'all',
    } as const;
    const rows = [
      { ...row, id: 'names', when: { fields: ['supplier.name'] }, levels: [one] },
      {
        ...row,
        id: 'addresses',
        when: { fields: ['supplier.email'] },
        levels: [one, { ...one, name: 'second' }],
      },
      { ...row, id: 'rest', when: {}, levels: [] },
    ];
    const after = { ...SUPPLIER, name: 'Acme Ltd', email: 'b@example.com', currency: 'EUR' };
    const { apply, change } = judge('supplier', SUPPLIER, after, {
      ...DEFAULT_APPROVAL_MATRIX,
      rows,
    });
    expect(apply).toEqual({ ...SUPPLIER, currency: 'EUR' });
    expect(change).toMatchObject({
      fields: ['name', 'email'],
      approval: { plan: { row: 'addresses' }, facts: { fields: ['supplier.email'] } },
    });
  });
});

test('every field of every record has the subject of its changes, and no other field has one', () => {
  for (const [noun, fields] of Object.entries(RECORD_FIELDS)) {
    for (const field of fields) {
      expect(subjectOfField(`${noun}.${field}`)).toBe(
        noun === 'supplier' ? 'supplier-change' : 'master-data-edit',
      );
    }
  }
  expect(['supplier.colour', 'customer.name', 'sku'].map(subjectOfField)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
