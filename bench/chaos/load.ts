import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosStack } from './chaos-stack.ts';
import { chaosClient, type Answer, type Client, type ClientCounts } from './client.ts';
import type { FactBook, FactKind } from './facts.ts';
import { seededChance, type Chance } from './random.ts';
import * as requests from './requests.ts';

/** So many orders back are cancelled and sent back; the newest have most to lose. */
const REMEMBERED_ORDERS = 300;

export interface Load {
  /** No new requests; waits for those under way as long as they are answered. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly stack: ChaosStack;
  readonly book: FactBook;
  readonly counts: ClientCounts;
  readonly seed: number;
  readonly callers: number;
  readonly pauseMs: number;
}

interface Caller extends LoadOptions {
  readonly client: Client;
  readonly chance: Chance;
  readonly name: string;
  readonly orders: requests.KnownOrder[];
  readonly isOver: () => boolean;
}

/** Connectors and staff that go on whatever dies: each repeats what was not answered, with the same content. */
export function startLoad(options: LoadOptions): Load {
  let over = false;
  const orders: requests.KnownOrder[] = [];
  const callers = Array.from({ length: options.callers }, (_, index) => {
    const caller: Caller = {
      ...options,
      client: chaosClient({
        urls: options.stack.apiUrls,
        key: options.stack.apiKey,
        start: index,
        counts: options.counts,
      }),
      chance: seededChance(options.seed, index + 1),
      name: `${index + 1}`,
      orders,
      isOver: () => over,
    };
    return work(caller);
  });
  return {
    stop: async () => {
      over = true;
      await Promise.all(callers);
    },
  };
}

async function work(caller: Caller): Promise<void> {
  const { chance, pauseMs } = caller;
  for (let number = 1; !caller.isOver(); number += 1) {
    await act(caller, `${caller.name}-${number}`);
    await sleep(pauseMs * (0.5 + chance.fraction()));
  }
}

async function act(caller: Caller, name: string): Promise<void> {
  const { chance, orders } = caller;
  const order = orders[chance.whole(0, Math.max(0, orders.length - 1))];
  const share = chance.fraction();
  if (share < 0.6 || order === undefined) return placeOrder(caller, name);
  if (share < 0.7) return cancel(caller, name, order);
  if (share < 0.84) return sendBack(caller, name, order);
  const { kind, path, key, body } = requests.otherRequest(chance, name);
  await ask(caller, kind, key, { method: 'POST', path, body });
}

async function placeOrder(caller: Caller, name: string): Promise<void> {
  const { chance, orders, stack } = caller;
  const body = requests.orderBody(chance, name);
  if (body.payment.status === 'authorized') {
    const reference = await authorize(stack.simulators.gateway, name, body.payment.amountMinor);
    if (reference === undefined) return;
    Object.assign(body.payment, { reference });
  }
  const key = `${body.channel}/${body.externalId}`;
  const answer = await ask(caller, 'order', key, { method: 'POST', path: '/v1/orders', body });
  if (answer?.status !== 201) return;
  orders.push({
    id: String(answer.body['id']),
    channel: body.channel,
    lines: body.lines.map(({ sku, quantity }, index) => ({ lineNo: index + 1, sku, quantity })),
  });
  if (orders.length > REMEMBERED_ORDERS) orders.shift();
}

/** A channel that lets its buyers pay first; undefined when the gateway is away or says no. */
async function authorize(
  gateway: string,
  name: string,
  amountMinor: string | undefined,
): Promise<string | undefined> {
  try {
    const response = await fetch(`${gateway}/v1/authorizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `channel-${name}` },
      body: JSON.stringify({
        reference: `channel-${name}`,
        amountMinor,
        currency: 'GBP',
        token: 'tok_visa',
      }),
      signal: AbortSignal.timeout(5_000),
    });
    const { id, status } = (await response.json()) as { id?: string; status?: string };
    return status === 'authorized' ? id : undefined;
  } catch {
    return undefined;
  }
}

async function cancel(caller: Caller, name: string, order: requests.KnownOrder): Promise<void> {
  const key = `cancel-${name}`;
  await ask(caller, 'cancellation', key, {
    method: 'POST',
    path: `/v1/orders/${encodeURIComponent(order.id)}/cancellations`,
    body: requests.cancellationBody(caller.chance, key, order),
  });
}

async function sendBack(caller: Caller, name: string, order: requests.KnownOrder): Promise<void> {
  const body = requests.returnBody(caller.chance, `ret-${name}`, order);
  await ask(caller, 'return', `${order.channel}/ret-${name}`, {
    method: 'POST',
    path: '/v1/returns',
    body,
  });
}

/** Some requests are sent twice at once, as by a connector that lost patience. */
async function ask(
  caller: Caller,
  kind: FactKind,
  key: string,
  request: { readonly method: string; readonly path: string; readonly body: object },
): Promise<Answer | undefined> {
  const { book, chance, client, isOver } = caller;
  const { method, path, body } = request;
  book.asked(kind, key);
  const times = chance.happens(0.08) ? 2 : 1;
  const answers = await Promise.all(
    Array.from({ length: times }, () => client.send(method, path, body, () => !isOver())),
  );
  for (const answer of answers) {
    if (answer === undefined) continue;
    if (answer.status >= 300) book.refused(kind, answer.status);
    else book.acknowledged(kind, requests.promiseOf(kind, key, answer.body));
  }
  return answers.find((answer) => answer !== undefined);
}
