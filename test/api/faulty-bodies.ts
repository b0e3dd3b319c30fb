import type { JsonSchema } from './declared-answers.ts';

type Json = unknown;

/** A body with one thing wrong, and the path that the answer has to name. */
export interface FaultyBody {
  readonly fault: string;
  readonly path: string;
  /** As text: JSON can say numbers that JavaScript cannot hold. */
  readonly text: string;
}

const MARK = '__put here__';
const LONG = 'x'.repeat(100_000);
const NUL = '\u0000';
const HALF = '\uD800';

/** Wrong values by what the schema says; each is JSON text. */
function wrongValues(schema: JsonSchema, required: boolean): [string, string][] {
  const types = [schema.type ?? []].flat();
  const nothing: [string, string][] = types.includes('null') ? [] : [['null', 'null']];
  const wrong = nothing;
  wrong.push(types.includes('object') ? ['text', '"x"'] : ['an object', '{"a":1}']);
  if (types.includes('string')) wrong.push(...wrongStrings(schema, required));
  if (types.includes('integer')) {
    wrong.push(
      ['text', '"1"'],
      ['a fraction', '1.5'],
      ['beyond numbers', '1e400'],
      ['beyond integers', '9007199254740993'],
    );
    if (schema.exclusiveMinimum === 0 || schema.minimum === 0)
      wrong.push(['a negative number', '-1']);
    if (schema.exclusiveMinimum === 0) wrong.push(['zero', '0']);
    if (schema.maximum !== undefined) wrong.push(['too much', String(schema.maximum + 1)]);
  }
  if (types.includes('boolean')) wrong.push(['text', '"true"']);
  if (types.includes('array')) wrong.push(['text', '"x"']);
  return wrong;
}

function wrongStrings(schema: JsonSchema, required: boolean): [string, string][] {
  const wrong: [string, Json][] = [
    ['a number', 5],
    ['absurdly long', LONG],
    ['NUL inside', `a${NUL}b`],
    ['half a character', HALF],
  ];
  if (required) wrong.push(['empty', '']);
  if (schema.enum !== undefined) wrong.push(['no such choice', 'nonsense']);
  if (schema.pattern?.includes('A-Z]{3}') === true)
    wrong.push(['a currency in small letters', 'gbp']);
  if (schema.pattern?.includes('A-Z]{2}') === true)
    wrong.push(['a country by name', 'England'], ['a country in small letters', 'gb']);
  if (schema.pattern?.includes('\\d{1,15}') === true)
    wrong.push(['a fraction of a penny', '1.5'], ['a sum too large', '1'.repeat(16)]);
  if (schema.format === 'date-time') {
    for (const time of [
      '2010-12-01T10:00:00',
      '2010-12-01',
      '0000-01-01T00:00:00Z',
      '2010-02-30T00:00:00Z',
      '2010-12-01T10:00:00+23:00',
    ]) {
      wrong.push([`time ${time}`, time]);
    }
  }
  if (schema.format === 'date') wrong.push(['a day that is none', '2010-02-30']);
  if (schema.format === 'email') wrong.push(['no address', 'nobody']);
  if (schema.format === 'decimal') {
    for (const price of ['1.1234567', '1e5', 'NaN', '0x10', '1,5', '99999999999999999'])
      wrong.push([`price ${price}`, price]);
  }
  return wrong.map(([fault, value]) => [fault, JSON.stringify(value)]);
}

/** Every body that differs from the sample in one field: left out, with a wrong value, or unknown. */
export function faultyBodies(schema: JsonSchema, sample: Json): FaultyBody[] {
  return visit(schema, sample, '', (part) => part);
}

type Rebuild = (part: Json) => Json;

function visit(schema: JsonSchema, sample: Json, path: string, rebuild: Rebuild): FaultyBody[] {
  if (Array.isArray(sample)) return visitArray(schema, sample, path, rebuild);
  if (typeof sample !== 'object' || sample === null) return [];
  const unknown: FaultyBody = {
    fault: 'a field that nobody knows',
    path: path === '' ? 'bogus' : `${path}.bogus`,
    text: JSON.stringify(rebuild({ ...sample, bogus: 1 })),
  };
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const { [name]: value, ...others } = sample as Record<string, Json>;
    if (value === undefined) throw new Error(`the sample says nothing of ${at}`);
    const required = schema.required?.includes(name) === true;
    const put: Rebuild = (part) => rebuild({ ...others, [name]: part });
    return [
      ...(required ? [{ fault: 'missing', path: at, text: JSON.stringify(rebuild(others)) }] : []),
      ...wrongValues(field, required).map(([fault, text]) => ({
        fault,
        path: at,
        text: place(put, text),
      })),
      ...visit(field, value, at, put),
    ];
  });
  return [unknown, ...fields];
}

function visitArray(
  schema: JsonSchema,
  sample: readonly Json[],
  path: string,
  rebuild: Rebuild,
): FaultyBody[] {
  const [first] = sample;
  const { items } = schema;
  if (items === undefined) return [];
  const tooMany = Array.from({ length: (schema.maxItems ?? 2_000) + 1 }, () => first);
  return [
    { fault: `${tooMany.length} elements`, path, text: JSON.stringify(rebuild(tooMany)) },
    ...((schema.minItems ?? 0) > 0
      ? [{ fault: 'no elements', path, text: JSON.stringify(rebuild([])) }]
      : []),
    ...wrongValues(items, false).map(([fault, text]) => ({
      fault: `element: ${fault}`,
      path: `${path}[0]`,
      text: place((part) => rebuild([part]), text),
    })),
    ...visit(items, first, `${path}[0]`, (part) => rebuild([part])),
  ];
}

function place(put: Rebuild, text: string): string {
  return JSON.stringify(put(MARK)).replace(JSON.stringify(MARK), () => text);
}
