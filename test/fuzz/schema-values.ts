import fc from 'fast-check';
import type { ApiDocument, JsonSchema } from '../api/declared-answers.ts';
import { oddValue } from './odd-values.ts';

/** Stands for a value that the shop knows under this name; filled in when the request is built. */
export class KnownValue {
  readonly field: string;
  readonly pick: number;

  constructor(field: string, pick: number) {
    this.field = field;
    this.pick = pick;
  }
}

const TIMES = [
  '2010-12-01T10:00:00Z',
  '2010-12-02T10:00:00+00:00',
  '2010-12-05T09:30:00.123Z',
  '2010-11-20T12:00:00-05:00',
];

/** Values that mostly fit a schema; `name` is the field that they are for. */
export function valuesOf(
  document: ApiDocument,
  schema: JsonSchema,
  name = '',
): fc.Arbitrary<unknown> {
  const resolved = resolveSchema(document, schema);
  const types = [resolved.type ?? []].flat();
  const fitting = fc.oneof(
    ...(types.length === 0 ? ['any'] : types).map((type) => ofType(document, resolved, type)),
  );
  if (types.includes('object') || types.includes('array')) {
    return fc.oneof({ weight: 60, arbitrary: fitting }, { weight: 1, arbitrary: oddValue });
  }
  return fc.oneof(
    { weight: 60, arbitrary: fc.nat(50).map((pick): unknown => new KnownValue(name, pick)) },
    { weight: 6, arbitrary: fitting },
    { weight: 1, arbitrary: oddValue },
  );
}

/** The schema behind a reference. */
export function resolveSchema(document: ApiDocument, schema: JsonSchema): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

function ofType(document: ApiDocument, schema: JsonSchema, type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objects(document, schema);
    case 'array':
      return fc.array(valuesOf(document, schema.items ?? {}), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: 3,
      });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: -5, max: 10_000_000 }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return texts(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(document: ApiDocument, schema: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {});
  const model = Object.fromEntries(
    fields.map(([name, field]) => [name, valuesOf(document, field, name)]),
  );
  const requiredKeys = fields
    .map(([name]) => name)
    .filter((name) => schema.required?.includes(name));
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function texts(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.format === 'date-time') return fc.constantFrom(...TIMES);
  if (schema.format === 'date') return fc.constantFrom('2010-12-01', '2010-10-31');
  if (schema.format === 'email') return fc.constantFrom('ada@example.com', 'b+c@example.org');
  if (schema.format === 'decimal') return fc.constantFrom('0', '0.5', '2.55', '12.345678', '100');
  if (schema.pattern?.includes('A-Z]{3}') === true) return fc.constantFrom('GBP', 'EUR', 'XXX');
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ minLength: 1, maxLength: 20 });
}
