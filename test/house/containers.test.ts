/**
 * The container files cannot be run by the tests; what they refer to can be looked up. A renamed
 * folder, entry file or environment variable shows here and not at the next deployment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const ignored = readFileSync('.dockerignore', 'utf8');
const compose = readFileSync('docker-compose.yml', 'utf8');

/** What the Dockerfile copies from the checkout; copies between its stages are not meant. */
const copied = dockerfile
  .split('\n')
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) => line.split(' ').slice(1, -1));
const entryFiles = [...compose.matchAll(/command: \['([^']+[.]ts)'\]/g)].map(([, file]) => file);
const settings = /^(?: {2}| {6})(?<name>[A-Z][A-Z_]+): /gm;

/** One service of the compose file as text, from its name to the next one's. */
function service(name: string): string {
  const [, text] = compose.split(`\n  ${name}:\n`);
  return (text ?? '').split(/\n(?: {2})?[a-z]/)[0] ?? '';
}

function settingsIn(text: string): string[] {
  return [...text.matchAll(settings)].flatMap(({ groups }) => groups?.['name'] ?? []);
}

test.each(copied)('the image copies %s, which exists and reaches the build', (path) => {
  expect(existsSync(path)).toBe(true);
  expect(ignored.split('\n')).toContain(`!${path}`);
});

test('the image copies the sources of every process', () => {
  expect(copied).toEqual(
    expect.arrayContaining(['rules', 'workflows', 'activities', 'api', 'worker', 'simulators']),
  );
});

test.each(entryFiles)('the compose file starts %s, which exists', (file) => {
  expect(existsSync(String(file))).toBe(true);
});

test('the compose file starts every process', () => {
  expect(new Set(entryFiles)).toEqual(
    new Set(['worker/migrate.ts', 'worker/serve.ts', 'simulators/main.ts']),
  );
});

test.each([
  ['x-loopline-environment', 'worker/env.ts'],
  ['api', 'worker/env.ts'],
  ['worker', 'worker/env.ts'],
  ['simulators', 'simulators/env.ts'],
])('the environment of %s is what %s reads', (name, schema) => {
  const text = name.startsWith('x-')
    ? (compose.split(`${name}: &`)[1]?.split('\n\n')[0] ?? '')
    : service(name);
  const names = settingsIn(text);
  const read = readFileSync(schema, 'utf8');
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((setting) => !new RegExp(`\\b${setting}\\b`).test(read))).toEqual([]);
});

test('no secret has a default', () => {
  expect(compose).not.toMatch(
    /\$\{(?:POSTGRES_PASSWORD|LEDGER_APP_PASSWORD|LOOPLINE_API_KEY)(?!:\?)/,
  );
});
