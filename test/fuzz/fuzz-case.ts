import fc from 'fast-check';
import type { ApiDocument, Operation } from '../api/declared-answers.ts';
import { oddBody, oddText, oddValue } from './odd-values.ts';
import { resolveSchema, valuesOf } from './schema-values.ts';

/** One change of a body; `at` picks one of its places. */
export type Edit =
  | { readonly how: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly how: 'add'; readonly at: number; readonly name: string; readonly value: unknown }
  | { readonly how: 'remove' | 'twice'; readonly at: number }
  | { readonly how: 'repeat'; readonly at: number; readonly times: number }
  | { readonly how: 'swap'; readonly at: number; readonly pick: number };

/** Where a body comes from, before it is changed. */
export type BodyPlan =
  | { readonly from: 'valid'; readonly edits: readonly Edit[] }
  | { readonly from: 'schema'; readonly value: unknown; readonly edits: readonly Edit[] }
  | { readonly from: 'bytes'; readonly bytes: Buffer };

/** What fills in a path or a query. */
export type TextPlan =
  | { readonly kind: 'known'; readonly pick: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'raw'; readonly raw: string };

export interface FuzzCase {
  readonly method: string | undefined;
  readonly id: TextPlan;
  readonly tail: string;
  readonly query: readonly { readonly name: string; readonly value: TextPlan }[];
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly signature: string | undefined;
  readonly chunked: boolean;
  readonly body: BodyPlan | undefined;
}

/** Says that the case leaves this part as the route wants it. */
export const AS_DUE = 'as due';

const usually = <Value>(
  value: Value,
  weight: number,
  ...others: readonly fc.Arbitrary<Value>[]
): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight, arbitrary: fc.constant(value) },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );

/** Bytes that a path may bring although no client of ours sends them. */
export const RAW_PARTS: readonly string[] = [
  '%',
  '%zz',
  '%00',
  'a%00b',
  '%2F',
  'a%2Fb',
  '%FF',
  '%C3%28',
  '%ED%A0%80',
  '%F0%9D%84%9E',
  '..',
  '%2e%2e',
  '.',
  ';a=b',
  'a;b',
  '*',
  '%20',
  '+',
  '%25',
  '%2525',
  '%0d%0aX-Injected:%201',
  '[',
  '{id}',
  ':id',
  '\\',
  '|',
  '"',
  '<>',
  '\u00ff',
  'x'.repeat(3_000),
];

const known = fc.nat(100).map((pick): TextPlan => ({ kind: 'known', pick }));
const odd = oddText.map((text): TextPlan => ({ kind: 'text', text }));
const raw = fc.constantFrom(...RAW_PARTS).map((part): TextPlan => ({ kind: 'raw', raw: part }));

const TAILS = ['/', '//', '/extra', '/..', '/%2e%2e/', '?', '?&', '#x', '%00', ';', '/%'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY'];
const CONTENT_TYPES = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;',
  'APPLICATION/JSON',
  'application/vnd.loopline+json',
  'application/jsonx',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/xml',
  '',
  '*/*',
];
const AUTHORIZATIONS = [
  '',
  'Bearer',
  'Bearer ',
  'Bearer unknown',
  'Bearer shop-key2',
  'Bearer \u00e9\u00ff',
  'Basic',
  'Basic c2hvcDpzaG9wLWtleQ==',
  'Basic %%%',
  'Digest a=b',
  `Bearer ${'x'.repeat(5_000)}`,
];
const HEADERS: readonly (readonly [string, string])[] = [
  ['Idempotency-Key', 'key-1'],
  ['Idempotency-Key', 'another:key.2'],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'a b'],
  ['Idempotency-Key', '\u00e9'],
  ['Idempotency-Key', 'x'.repeat(120)],
  ['Idempotency-Key', 'x'.repeat(200)],
  ['Idempotency-Key', 'x'.repeat(201)],
  ['Idempotency-Key', "';--"],
  ['X-Request-Id', 'request-1'],
  ['X-Request-Id', ''],
  ['X-Request-Id', 'x'.repeat(1_000)],
  ['X-Request-Id', '\u00ff{}'],
  ['Accept', 'text/html;q=0'],
  ['Accept-Encoding', 'gzip;q=x'],
  ['Content-Encoding', 'gzip'],
  ['Content-Language', 'xx'],
  ['If-Match', '*'],
  ['If-None-Match', '*'],
  ['Range', 'bytes=0-1'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['Cookie', 'a=b; =; c'],
  ['Forwarded', 'for=x;;'],
];
const SIGNATURES = [
  '',
  't=1,v1=',
  `t=1291543200,v1=${'0'.repeat(64)}`,
  `t=99999999999999,v1=${'0'.repeat(64)}`,
  `t=-1,v1=${'f'.repeat(64)}`,
  'v1=x,t=y',
  '\u00ff',
];

/** What every client of ours sends around a body. */
const PLAIN = {
  method: undefined,
  tail: '',
  authorization: AS_DUE,
  contentType: AS_DUE,
  headers: [],
  signature: AS_DUE,
  chunked: false,
};
type Envelope = Omit<FuzzCase, 'id' | 'query' | 'body'>;

/** Mostly one thing is wrong, and the rest is right: otherwise the first fault hides all others. */
const envelopes: fc.Arbitrary<Envelope> = fc.oneof(
  { weight: 24, arbitrary: fc.constant<Envelope>(PLAIN) },
  ...[
    fc.constantFrom(...METHODS).map((method): Envelope => ({ ...PLAIN, method })),
    fc.constantFrom(...TAILS).map((tail): Envelope => ({ ...PLAIN, tail })),
    fc
      .constantFrom(undefined, ...AUTHORIZATIONS)
      .map((authorization): Envelope => ({ ...PLAIN, authorization })),
    fc
      .constantFrom(undefined, ...CONTENT_TYPES)
      .map((contentType): Envelope => ({ ...PLAIN, contentType })),
    fc
      .constantFrom(undefined, ...SIGNATURES)
      .map((signature): Envelope => ({ ...PLAIN, signature })),
    fc
      .array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 3 })
      .map((headers): Envelope => ({ ...PLAIN, headers })),
    fc.constant<Envelope>({ ...PLAIN, chunked: true }),
    fc.record({
      method: fc.constantFrom(undefined, ...METHODS),
      tail: fc.constantFrom('', ...TAILS),
      authorization: fc.constantFrom(AS_DUE, ...AUTHORIZATIONS),
      contentType: fc.constantFrom(AS_DUE, ...CONTENT_TYPES),
      headers: fc.array(fc.constantFrom(...HEADERS), { maxLength: 3 }),
      signature: fc.constantFrom(AS_DUE, ...SIGNATURES),
      chunked: fc.boolean(),
    }),
  ].map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** Cases of one route: mostly right but for a thing or two, sometimes wrong in everything. */
export function casesOf(document: ApiDocument, operation: Operation): fc.Arbitrary<FuzzCase> {
  return fc
    .record({
      envelope: envelopes,
      id: usually<TextPlan>({ kind: 'known', pick: -1 }, 20, known, known, odd, raw),
      query: queriesOf(document, operation),
      body: bodiesOf(document, operation),
    })
    .map(({ envelope, ...parts }) => ({ ...envelope, ...parts }));
}

function bodiesOf(document: ApiDocument, operation: Operation): fc.Arbitrary<BodyPlan | undefined> {
  const content = operation.requestBody?.content['application/json'];
  const bytes = oddBody.map((body): BodyPlan => ({ from: 'bytes', bytes: body }));
  if (content === undefined) return usually<BodyPlan | undefined>(undefined, 20, bytes);
  const edit = editOf(document, operation);
  const edits = fc.oneof(
    { weight: 1, arbitrary: fc.constant<Edit[]>([]) },
    { weight: 5, arbitrary: edit.map((one) => [one]) },
    { weight: 2, arbitrary: fc.array(edit, { minLength: 2, maxLength: 4 }) },
  );
  const generated = valuesOf(document, content.schema);
  return fc.oneof(
    { weight: 14, arbitrary: edits.map((made): BodyPlan => ({ from: 'valid', edits: made })) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(generated, fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, edits))
        .map(([value, made]): BodyPlan => ({ from: 'schema', value, edits: made })),
    },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function editOf(document: ApiDocument, operation: Operation): fc.Arbitrary<Edit> {
  const at = fc.nat(200);
  const { schema } = operation.requestBody?.content['application/json'] ?? { schema: {} };
  const names = Object.keys(resolveSchema(document, schema).properties ?? {});
  const name = fc.oneof(fc.constantFrom('bogus', ...names), oddText);
  const replace = fc
    .record({ at, value: oddValue })
    .map((edit): Edit => ({ how: 'replace', ...edit }));
  const swap = fc.record({ at, pick: fc.nat(100) }).map((edit): Edit => ({ how: 'swap', ...edit }));
  return fc.oneof(
    { weight: 5, arbitrary: replace },
    { weight: 8, arbitrary: swap },
    { weight: 2, arbitrary: at.map((place): Edit => ({ how: 'remove', at: place })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ at, name, value: oddValue })
        .map((edit): Edit => ({ how: 'add', ...edit })),
    },
    { weight: 1, arbitrary: at.map((place): Edit => ({ how: 'twice', at: place })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ at, times: fc.constantFrom(0, 2, 3, 21, 201, 501, 2_001) })
        .map((edit): Edit => ({ how: 'repeat', ...edit })),
    },
  );
}

function queriesOf(document: ApiDocument, operation: Operation): fc.Arbitrary<FuzzCase['query']> {
  const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const strange = fc.record({
    name: fc.oneof(
      fc.constantFrom('bogus', 'limit', 'cursor', 'limit[]', '', '__proto__', 'a%00', 'LIMIT'),
      oddText,
    ),
    value: fc.oneof(odd, raw),
  });
  if (declared.length === 0)
    return usually<FuzzCase['query']>([], 12, fc.array(strange, { maxLength: 2 }));
  const named = declared.map(({ name, schema }) =>
    fc
      .oneof(
        { weight: 4, arbitrary: known },
        { weight: 3, arbitrary: valuesOf(document, schema, name).map(asText) },
        { weight: 2, arbitrary: odd },
        { weight: 1, arbitrary: raw },
      )
      .map((value) => ({ name, value })),
  );
  return fc
    .tuple(
      fc.array(fc.oneof(...named), { maxLength: 3 }),
      usually<FuzzCase['query']>([], 12, fc.array(strange, { minLength: 1, maxLength: 2 })),
    )
    .map(([some, more]) => [...some, ...more]);
}

function asText(value: unknown): TextPlan {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? { kind: 'text', text: String(value) }
    : { kind: 'known', pick: 0 };
}
