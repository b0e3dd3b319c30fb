import { KEYS } from '../api/api-shop.ts';
import { editBody } from './edit-body.ts';
import { AS_DUE, type BodyPlan, type FuzzCase, type TextPlan } from './fuzz-case.ts';
import { signatureOf, type FuzzShop } from './fuzz-shop.ts';
import { writeJson } from './json-text.ts';
import type { WireRequest } from './wire.ts';

/** A route as the document names it: `POST /v1/orders/{id}/cancellations`. */
export interface FuzzedRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly hasBody: boolean;
}

/** Turns a case into bytes, with the ids of what exists in this shop. */
export async function buildRequest(
  shop: FuzzShop,
  route: FuzzedRoute,
  plan: FuzzCase,
): Promise<WireRequest> {
  const call = route.hasBody ? await shop.validCall(route.name) : undefined;
  const body = bytesOf(shop, plan.body, call?.body);
  const own = plan.id.kind === 'known' && plan.id.pick < 0;
  const path = own && call !== undefined ? call.path : pathOf(shop, route.path, plan.id);
  const target = encodeUnsendable(`${path}${plan.tail}${queryOf(shop, route, plan)}`);
  const headers: [string, string][] = [['Host', `127.0.0.1:${shop.port}`]];
  const authorization =
    plan.authorization === AS_DUE
      ? `Bearer ${call?.options?.key ?? KEYS.shop}`
      : plan.authorization;
  if (authorization !== undefined) headers.push(['Authorization', authorization]);
  const contentType =
    plan.contentType === AS_DUE
      ? body === undefined
        ? undefined
        : 'application/json'
      : plan.contentType;
  if (contentType !== undefined) headers.push(['Content-Type', contentType]);
  if (route.path.startsWith('/v1/webhooks/')) {
    const signature =
      plan.signature === AS_DUE ? signatureOf(body, shop.clock.now) : plan.signature;
    if (signature !== undefined) headers.push(['Simulator-Signature', signature]);
  }
  if (body !== undefined) {
    if (plan.chunked) headers.push(['Transfer-Encoding', 'chunked']);
    else headers.push(['Content-Length', String(body.length)]);
  }
  return {
    method: plan.method ?? route.method,
    target,
    headers: [...headers, ...plan.headers],
    body,
  };
}

function bytesOf(shop: FuzzShop, plan: BodyPlan | undefined, valid: unknown): Buffer | undefined {
  const known = (field: string) => shop.known(field);
  switch (plan?.from) {
    case undefined:
      return undefined;
    case 'bytes':
      return plan.bytes;
    case 'valid':
      return Buffer.from(writeJson(editBody(valid, plan.edits, known)));
    case 'schema':
      return Buffer.from(writeJson(editBody(plan.value, plan.edits, known)));
  }
}

function pathOf(shop: FuzzShop, path: string, id: TextPlan): string {
  return path.replace(/\{\w+\}/g, (parameter: string, at: number) =>
    textOf(id, shop.ids(path.slice(0, at + parameter.length))),
  );
}

function queryOf(shop: FuzzShop, route: FuzzedRoute, { query }: FuzzCase): string {
  if (query.length === 0) return '';
  const parts = query.map(({ name, value }) => {
    const values =
      name === 'cursor' ? shop.cursors(route.path) : shop.known(QUERY_FIELDS[name] ?? name);
    return `${encode(name)}=${textOf(value, values.map(String))}`;
  });
  return `?${parts.join('&')}`;
}

/** What a filter is called in the bodies that brought its values. */
const QUERY_FIELDS: Readonly<Record<string, string>> = {
  customer: 'externalId',
  before: 'occurredAt',
  limit: 'quantity',
};

function textOf(plan: TextPlan, known: readonly string[]): string {
  if (plan.kind === 'raw') return plan.raw;
  if (plan.kind === 'text') return encode(plan.text);
  return encode(known[Math.max(plan.pick, 0) % Math.max(known.length, 1)] ?? 'none');
}

/** `encodeURIComponent` for text that holds half a character too. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString('utf8'));
}

/** A client's parser refuses what may not stand in a request line; the server would as well. */
function encodeUnsendable(target: string): string {
  return target.replaceAll(/[^\x21-\xff]/g, (character) => encode(character));
}
