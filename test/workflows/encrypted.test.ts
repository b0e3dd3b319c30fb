import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../activities/failures.ts';
import { parseKeyRing } from '../../activities/sealing/key-ring.ts';
import { encryptingCodec } from '../../worker/payload-codec.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { BUYER, OrderDesk, openOrderShop } from './order-desk.ts';
import { waitsForOthers } from './until-at-rest.ts';

const FIRST = `first:${Buffer.alloc(32, 1).toString('base64')}`;
const ROTATED = `second:${Buffer.alloc(32, 2).toString('base64')},${FIRST}`;
const codec = encryptingCodec(parseKeyRing(ROTATED));

let loopline: TestLoopline;
let desk: OrderDesk;

beforeAll(async () => {
  loopline = await openLoopline({ payloadKeys: FIRST });
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  loopline.startDispatcher();
});
beforeEach(() => loopline.whilePaused(async () => undefined));
afterAll(() => loopline.close());

/** What nobody may read in a history: who buys, and which order it is. */
const secretsOf = (orderId: string) => [orderId, ...Object.values(BUYER)];

test('an order lives its whole life, and its payloads show nobody which one it is', async () => {
  const { orderId, handle } = await desk.run();
  await desk.dispatch(orderId);
  expect(await handle.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
  const { sealed, readable } = await payloadsOf(orderId);
  for (const payload of [...sealed, ...readable])
    for (const secret of secretsOf(orderId)) expect(textOf(payload.data)).not.toContain(secret);
  // The engine's own record of a local activity: its type, number and time.
  for (const payload of readable) expect(textOf(payload.data)).toContain('"activity_type"');
  const values = (await codec.decode(sealed)).map((payload) =>
    defaultPayloadConverter.fromPayload<unknown>(payload),
  );
  expect(values).toContainEqual({ processId: orderId });
  expect(values).toContainEqual({ state: 'completed' });
  expect(values).toContain(orderId);
});

test('search attributes and the workflow’s id stay readable: operators find workflows by them', async () => {
  const { orderId, handle } = await desk.run({ payment: null, unitPrice: '0' });
  const { workflowId } = await handle.describe();
  expect(workflowId).toBe(orderId);
  await desk.dispatch(orderId);
  await handle.result();
  const { events } = await handle.fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  for (const payload of Object.values(started?.searchAttributes?.indexedFields ?? {}))
    expect(textOf(payload.metadata?.['encoding'])).toBe('json/plain');
});

test('a step that fails says so to nobody who only sees the history', async () => {
  // Without a dispatcher, whose signal could come in between and let the failed task run once more.
  const quiet = await openLoopline({ payloadKeys: FIRST });
  try {
    await openOrderShop(quiet);
    const failing = () =>
      Promise.reject(new Failure('ProviderRefused', `${BUYER.name} is unknown`));
    await quiet.startWorker({ activities: { ...quiet.activities, authorizePayment: failing } });
    const own = new OrderDesk(quiet);
    const { orderId, handle } = await own.run();
    await handle.result();
    const trouble = await own.exception(orderId, 'workflow-failed');
    expect(JSON.stringify(trouble.evidence)).toContain(BUYER.name);
    const { events } = await handle.fetchHistory();
    const written = JSON.stringify(events);
    expect(written).toContain('Encoded failure');
    expect(written).not.toContain(BUYER.name);
    const opened = await codec.decode((await payloadsOf(orderId, quiet)).sealed);
    expect(opened.map(({ data }) => textOf(data)).join('\n')).toContain(`${BUYER.name} is unknown`);
  } finally {
    await quiet.close();
  }
});

test('a worker with rotated keys goes on with what was begun, and writes with the new key', async () => {
  const { orderId, handle } = await desk.run();
  await desk.becomes(orderId, { state: 'released' });
  // The ledger knows of its steps before their task is in the history.
  await eventually(async () => expect(waitsForOthers(await handle.describe())).toBe(true));
  expect(await keyIdsOf(orderId)).toEqual(new Set(['first']));
  await loopline.whilePaused(() => desk.dispatch(orderId), { payloadKeys: ROTATED });
  await eventually(async () => expect((await handle.describe()).status.name).toBe('COMPLETED'));
  expect(await keyIdsOf(orderId)).toEqual(new Set(['first', 'second']));
  await desk.expectClean(orderId);
});

test('a worker without the key waits with a failure that names it, and another one takes over', async () => {
  const { orderId, handle } = await desk.run();
  await desk.becomes(orderId, { state: 'released' });
  const other = `third:${Buffer.alloc(32, 3).toString('base64')}`;
  await loopline.whilePaused(() => desk.dispatch(orderId), { payloadKeys: other });
  const reads = encryptingCodec(parseKeyRing(other));
  await eventually(async () => {
    const { events } = await handle.fetchHistory();
    const failures = (events ?? []).flatMap(
      ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.encodedAttributes ?? [],
    );
    const said = (await reads.decode(failures)).map(({ data }) => textOf(data)).join('\n');
    expect(said).toContain('no key \\"first\\" is known here, only third');
    expect(said).not.toContain(orderId);
  });
  await loopline.whilePaused(async () => undefined, { payloadKeys: FIRST });
  expect(await handle.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
});

/** Every payload of the history as the server holds it, but for search attributes. */
async function payloadsOf(
  orderId: string,
  { client }: TestLoopline = loopline,
): Promise<{ sealed: Payload[]; readable: Payload[] }> {
  const { events } = await client.workflow.getHandle(orderId).fetchHistory();
  const all = payloadsIn(events ?? []);
  const isSealed = ({ metadata }: Payload) => textOf(metadata?.['encoding']) === 'binary/encrypted';
  const sealed = all.filter(isSealed);
  expect(sealed.length).toBeGreaterThan(5);
  return { sealed, readable: all.filter((payload) => !isSealed(payload)) };
}

function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (Object.hasOwn(value, 'metadata') && Object.hasOwn(value, 'data')) return [value as Payload];
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'searchAttributes' ? [] : payloadsIn(part),
  );
}

async function keyIdsOf(orderId: string): Promise<Set<string>> {
  const { sealed } = await payloadsOf(orderId);
  return new Set(sealed.map(({ metadata }) => textOf(metadata?.['encryption-key-id'])));
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
