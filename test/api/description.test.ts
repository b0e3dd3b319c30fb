import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEYS, openApiShop, type ApiShop } from './api-shop.ts';
import { operationsOf, readDocument, type ApiDocument } from './declared-answers.ts';

let shop: ApiShop;
let document: ApiDocument;

beforeAll(async () => {
  shop = await openApiShop();
  document = await readDocument(shop.app, KEYS.shop);
});
afterAll(() => shop?.close());

const headers = { Authorization: `Basic ${Buffer.from(`me:${KEYS.shop}`).toString('base64')}` };

test('the description is OpenAPI 3.1 and says what every operation does and answers', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  const operations = operationsOf(document);
  expect(operations.length).toBeGreaterThan(50);
  for (const { name, path, operation } of operations) {
    expect(operation.summary, name).toMatch(/^\S.{5,}/);
    expect(operation.tags, name).toHaveLength(1);
    expect(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      name,
    ).toBe(true);
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(status, name).toMatch(/^[2-5]\d\d$/);
      expect(response.description, `${name} ${status}`).toBeTruthy();
    }
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name);
    expect(new Set(declared), name).toEqual(new Set(named));
    const open = path.startsWith('/v1/webhooks/') || ['/healthz', '/readyz'].includes(path);
    expect(operation.security, name).toEqual(open ? [] : undefined);
  }
});

test('the description says how to send a key, in programs and in browsers', () => {
  expect(document.components).toMatchObject({
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer' },
      browser: { type: 'http', scheme: 'basic' },
    },
  });
});

test('every reference of the description leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  expect(references.length).toBeGreaterThan(50);
  for (const reference of new Set(references)) {
    expect(reference).toMatch(/^#\//);
    let part: unknown = document;
    for (const name of reference.slice(2).split('/'))
      part = (part as Record<string, unknown> | undefined)?.[name];
    expect(part, reference).toBeTypeOf('object');
  }
});

test('every route of the app is described, but the pages that describe it and those to log in', () => {
  const described = operationsOf(document).map(({ name }) => name);
  const registered = shop.app.routes
    .filter(
      ({ method, path }) =>
        method !== 'ALL' && !/^\/(openapi\.json|docs|login|logout)(\/|$)/.test(path),
    )
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect([...new Set(registered)].toSorted()).toEqual(described.toSorted());
});

test('the readable page brings its own assets and speaks to no other host', async () => {
  const response = await shop.app.request('/docs', { headers });
  const policy = response.headers.get('Content-Security-Policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*/);
  const page = await response.text();
  expect(page).not.toMatch(/(?:src|href|action)="(?!\/docs\/)/);
  expect(page).not.toMatch(/https?:|\/\//);
  const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const answer = await shop.app.request(asset, { headers });
    expect(answer.status, asset).toBe(200);
    expect((await answer.arrayBuffer()).byteLength, asset).toBeGreaterThan(100);
    if (!asset.endsWith('.js') && !asset.endsWith('.css')) continue;
    const text = await (await shop.app.request(asset, { headers })).text();
    // What a browser would fetch by itself; names of licences and specifications in the text are none of it.
    expect(text, asset).not.toMatch(
      /url\(\s*["']?(?:https?:)?\/\/|@import|importScripts\(\s*["']http/,
    );
  }
  expect(
    (await shop.app.request('/docs/start.js', { headers })).headers.get('Content-Type'),
  ).toContain('javascript');
  for (const path of ['/docs/package.json', '/docs/..%2fpackage.json', '/docs/__proto__']) {
    expect((await shop.app.request(path, { headers })).status, path).toBe(404);
  }
});
