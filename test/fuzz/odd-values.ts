import fc from 'fast-check';
import { RawJson } from './json-text.ts';

const repeated = (text: string, ...counts: number[]) => counts.map((count) => text.repeat(count));

/** Texts that have broken programs before: as ids, as times, as numbers, as text. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\t\r\n',
  'a\u0000b',
  '\u0000',
  '\uD800',
  'x\uDFFF',
  '\uDC00\uD800',
  '\u{1F3F4}\u{E0067}\u{E007F}',
  '\u{10FFFF}',
  'e\u0301\u202Eabc\u200B\uFEFF',
  '\u2028\u2029',
  "'; drop schema ledger cascade; --",
  '${7*7}{{7*7}}',
  '%s%n%00%2e%2e%2f',
  '../../etc/passwd',
  '\\',
  '"',
  '$$',
  '{}',
  '{"a":1}',
  '[null]',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '-0',
  '-1',
  '+1',
  '01',
  '1.5',
  '.5',
  '1.',
  '1e5',
  '1e400',
  '0x10',
  'NaN',
  'Infinity',
  '-infinity',
  '1_000',
  '\u0661\u0662\u0663',
  '0.000001',
  '0.0000001',
  '-2.55',
  '99999999999.999999',
  '9007199254740993',
  '9223372036854775808',
  '999999999999999',
  '-999999999999999',
  ...repeated('9', 16, 40, 1_000),
  'now',
  'today',
  'epoch',
  'infinity',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
  '2199-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  '2010-02-29T00:00:00Z',
  '2010-02-30',
  '0000-00-00',
  '9999-12-31',
  '1969-12-31',
  '2010-12-01',
  '2010-12-01T24:00:00Z',
  '2010-12-01T10:00:60Z',
  '2010-12-01T10:00:00',
  '2010-12-01T10:00:00+14:00',
  '2010-12-01T10:00:00-23:59',
  '2010-12-01t10:00:00z',
  '2010-W48-3',
  'order:web:none',
  'order:web:none#1',
  '#',
  '#1',
  'order:web:none#-1',
  'order:web:none#1e3',
  'order:web:none#99999999999999999999',
  'web',
  ...repeated('x', 32, 33, 64, 65, 120, 121, 200, 201, 320, 500, 501, 2_000, 2_001, 100_000),
  ...repeated('\u{1D11E}', 60, 100, 200, 3_000),
];

/** Any text: the known trouble-makers, or whatever comes. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 250 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

const ODD_NUMBERS: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1',
  '1.5',
  '-1.5',
  '0.1',
  '1e0',
  '1E+2',
  '1e-400',
  '1e400',
  '-1e400',
  '10000000',
  '10000001',
  '-10000001',
  '2147483647',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1'.repeat(40),
  '1'.repeat(5_000),
  `0.${'0'.repeat(400)}1`,
];

const nested = (depth: number, open: string, close: string) =>
  new RawJson(`${open.repeat(depth)}${close.repeat(depth)}`);

const DEEP: readonly RawJson[] = [10, 100, 1_000, 20_000].flatMap((depth) => [
  nested(depth, '[', ']'),
  new RawJson(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
]);

const ODD_OTHERS: readonly unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: 1 },
  { '': '' },
  { 'a\u0000b': 1 },
  { '\uD800': 1 },
  new RawJson('{"__proto__":{"quantity":1}}'),
  new RawJson('{"a":1,"a":2}'),
  new RawJson(`[${'0,'.repeat(5_000)}0]`),
  new RawJson(`{${Array.from({ length: 500 }, (_, index) => `"f${index}":1`).join(',')}}`),
];

/** Any JSON value, wrong more often than not wherever it is put. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: oddText },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...ODD_NUMBERS).map((text): unknown => new RawJson(text)),
  },
  { weight: 4, arbitrary: fc.constantFrom(...ODD_OTHERS) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(...DEEP) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

const NO_JSON: readonly string[] = [
  '',
  ' ',
  '{',
  '}',
  '{"a":1',
  '{"a":1}}',
  "{'a':1}",
  '{a:1}',
  '{"a":01}',
  '{"a":1,}',
  '[1,]',
  'NaN',
  'undefined',
  '{"a":"\u0000"}',
  '"\\uD800"',
  'null',
  '5',
  '"x"',
  'true',
  '[]',
  '{}',
  '[[]]',
  '\uFEFF{}',
  '{}\u0000',
  '{}\n{}',
  '/* a */{}',
  'a=1&b=2',
  '<?xml version="1.0"?><a/>',
];

const NO_UTF8: readonly Buffer[] = [
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
  Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  Buffer.from([0x1f, 0x8b, 0x08, 0x00]),
];

/** How a body is nested without end: unclosed, in arrays, in objects. */
const NESTED: readonly ((depth: number) => string)[] = [
  (depth) => '['.repeat(depth),
  (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`,
  (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
];

/** Bodies that are no JSON, or JSON that no route asks for, as bytes; megabytes are rare, as they take long. */
export const oddBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...NO_JSON).map((text) => Buffer.from(text)) },
  { weight: 5, arbitrary: fc.constantFrom(...NO_UTF8) },
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...NESTED), fc.constantFrom(100, 5_000, 50_000))
      .map(([nest, depth]) => Buffer.from(nest(depth))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...NESTED).map((nest) => Buffer.from(nest(600_000))),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(4_194_303, 4_194_304, 4_194_305, 6_000_000)
      .map((bytes) => Buffer.from(`{"a":"${'x'.repeat(bytes - 8)}"}`)),
  },
);
