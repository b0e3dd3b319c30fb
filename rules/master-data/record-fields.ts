/** What a PUT replaces of each kind of record, by the names on the wire. */
export const RECORD_FIELDS = {
  supplier: ['name', 'currency', 'leadTimeDays', 'email'],
  sku: [
    'description',
    'unitOfMeasure',
    'barcode',
    'class',
    'costMethod',
    'standardCost',
    'supplier',
    'supplierPrice',
    'minimumQuantity',
    'multipleQuantity',
    'leadTimeDays',
  ],
  node: ['name', 'country', 'priority'],
  channel: ['name', 'kind', 'backorder', 'trustsFile', 'nodes'],
} as const;

/** A kind of master data whose changes the approval matrix is asked about. */
export type RecordNoun = keyof typeof RECORD_FIELDS;

export const RECORD_NOUNS = Object.keys(RECORD_FIELDS) as readonly RecordNoun[];

/** What the approval matrix calls a change of it. */
export const CHANGE_SUBJECTS = {
  supplier: 'supplier-change',
  sku: 'master-data-edit',
  node: 'master-data-edit',
  channel: 'master-data-edit',
} as const satisfies Record<RecordNoun, string>;

/** The subject of a change of `<noun>.<field>`; undefined where no record has such a field. */
export function subjectOfField(name: string): string | undefined {
  const noun = RECORD_NOUNS.find((one) => name.startsWith(`${one}.`));
  if (noun === undefined) return undefined;
  const fields: readonly string[] = RECORD_FIELDS[noun];
  return fields.includes(name.slice(noun.length + 1)) ? CHANGE_SUBJECTS[noun] : undefined;
}
