import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosStack } from './chaos-stack.ts';
import { chaosClient, type Answer, type Client, type ClientCounts } from './client.ts';
import type { Errand, Told } from './errand.ts';
import type { FactBook } from './facts.ts';
import {
  batchPlacement,
  cancellation,
  changedPlacement,
  goodsReturn,
  orderBody,
  placement,
  type KnownOrder,
  type OrderBody,
} from './orders.ts';
import { seededChance, type Chance } from './random.ts';
import { holdGivenBack, staffErrand } from './staff.ts';

/** So many orders back are cancelled, sent back and edited; the newest have most to lose. */
const REMEMBERED_ORDERS = 300;
const REMEMBERED_HOLDS = 40;
const LARGEST_BATCH = 5;
/** While Loopline is further behind than this, callers wait: what is left at the end is done in minutes. */
const MOST_ORDERS_UNDER_WAY = 400;
const LOOK_MS = 1_000;

export interface Load {
  /** No new requests; waits for those under way as long as they are answered. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly stack: ChaosStack;
  readonly book: FactBook;
  readonly counts: ClientCounts;
  /** People who ask for some things themselves, by the person's id. */
  readonly deciders: ReadonlyMap<string, Client>;
  readonly seed: number;
  readonly callers: number;
  /** Mean pause of a caller between two requests. */
  readonly pauseMs: number;
}

interface Caller extends LoadOptions {
  readonly client: Client;
  readonly chance: Chance;
  readonly name: string;
  readonly orders: KnownOrder[];
  readonly holds: string[];
  readonly isOver: () => boolean;
  readonly isTooMuch: () => boolean;
}

/** Connectors and staff that go on whatever dies: each repeats what was not answered, with the same content. */
export function startLoad(options: LoadOptions): Load {
  let over = false;
  let tooMuch = false;
  const isOver = () => over;
  const orders: KnownOrder[] = [];
  const holds: string[] = [];
  const clientAt = (start: number) =>
    chaosClient({
      urls: options.stack.apiUrls,
      key: options.stack.apiKey,
      start,
      counts: options.counts,
    });
  const callers = Array.from({ length: options.callers }, (_, index) =>
    work({
      ...options,
      client: clientAt(index),
      chance: seededChance(options.seed, index + 1),
      name: `${index + 1}`,
      orders,
      holds,
      isOver,
      isTooMuch: () => tooMuch,
    }),
  );
  const lookout = watchOrders(clientAt(0), isOver, (isMuch) => {
    tooMuch = isMuch;
  });
  return {
    stop: async () => {
      over = true;
      await Promise.all([...callers, lookout]);
    },
  };
}

async function watchOrders(
  client: Client,
  isOver: () => boolean,
  tell: (isTooMuch: boolean) => void,
): Promise<void> {
  while (!isOver()) {
    tell((await ordersUnderWay(client, () => !isOver())) > MOST_ORDERS_UNDER_WAY);
    await sleep(LOOK_MS);
  }
}

/** Orders that do not wait for stock. */
async function ordersUnderWay(client: Client, patient: () => boolean): Promise<number> {
  const answer = await client.send('GET', '/v1/operations/backlog', undefined, patient);
  const { ordersOpen = 0, ordersWaitingForStock = 0 } = (answer?.body ?? {}) as {
    ordersOpen?: number;
    ordersWaitingForStock?: number;
  };
  return ordersOpen - ordersWaitingForStock;
}

async function work(caller: Caller): Promise<void> {
  const { chance, pauseMs, isOver, isTooMuch } = caller;
  for (let number = 1; !isOver(); number += 1) {
    await act(caller, `${caller.name}-${number}`);
    await sleep(pauseMs * (0.5 + chance.fraction()));
    while (isTooMuch() && !isOver()) await sleep(LOOK_MS / 2);
  }
}

async function act(caller: Caller, name: string): Promise<void> {
  const { chance, orders, holds } = caller;
  const order = orders[chance.whole(0, Math.max(0, orders.length - 1))];
  const share = chance.fraction();
  if (share < 0.52 || order === undefined) return placeOrders(caller, [name]);
  if (share < 0.56) {
    const count = chance.whole(2, LARGEST_BATCH);
    return placeOrders(
      caller,
      Array.from({ length: count }, (_, index) => `${name}-${index + 1}`),
    );
  }
  if (share < 0.65) return run(caller, cancellation(chance, `cancel-${name}`, order));
  if (share < 0.78) return run(caller, goodsReturn(chance, `ret-${name}`, order));
  if (share < 0.8) return run(caller, changedPlacement(order, name));
  const held = share < 0.82 ? holds.shift() : undefined;
  if (held !== undefined) return run(caller, holdGivenBack(held));
  return run(caller, staffErrand(chance, name));
}

/** One by one or as a batch; those that their channel lets buyers pay first need the gateway. */
async function placeOrders(caller: Caller, names: readonly string[]): Promise<void> {
  const bodies: OrderBody[] = [];
  for (const name of names) {
    const body = orderBody(caller.chance, name);
    if (body.payment.status === 'authorized') {
      const { gateway } = caller.stack.simulators;
      const reference = await authorize(gateway, name, body.payment.amountMinor);
      if (reference === undefined) continue;
      Object.assign(body.payment, { reference });
    }
    bodies.push(body);
  }
  const [first] = bodies;
  if (first === undefined) return;
  await run(caller, names.length === 1 ? placement(first) : batchPlacement(bodies), bodies);
}

/** A channel that lets its buyers pay first; undefined when the gateway is away or says no. */
async function authorize(
  gateway: string,
  name: string,
  amountMinor: string | undefined,
): Promise<string | undefined> {
  try {
    const reference = `channel-${name}`;
    const response = await fetch(`${gateway}/v1/authorizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': reference },
      body: JSON.stringify({ reference, amountMinor, currency: 'GBP', token: 'tok_visa' }),
      signal: AbortSignal.timeout(5_000),
    });
    const { id, status } = (await response.json()) as { id?: string; status?: string };
    return status === 'authorized' ? id : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Some requests are sent twice at once, as by a connector that lost patience, and some again after their
 * answer, as by one that forgot it.
 */
async function run(
  caller: Caller,
  errand: Errand,
  placed: readonly OrderBody[] = [],
): Promise<void> {
  const { book, chance, isOver } = caller;
  for (const { kind, key } of errand.asks) book.asked(kind, key);
  const times = chance.happens(0.08) ? 2 : 1;
  const isForgotten = chance.happens(0.06);
  const answers = await Promise.all(Array.from({ length: times }, () => send(caller, errand)));
  if (answers.every((answer) => answer === undefined)) return;
  remember(caller, placed);
  if (!isForgotten || isOver()) return;
  const again = await send(caller, errand);
  if (again === undefined) return;
  for (const told of errand.told(again)) {
    if ('refused' in told) refusedAfterAll(caller, errand, told.kind, told.refused);
  }
}

async function send(caller: Caller, errand: Errand): Promise<Answer | undefined> {
  const { method, path, body, by } = errand;
  const client = (by === undefined ? undefined : caller.deciders.get(by)) ?? caller.client;
  const answer = await client.send(method, path, body, () => !caller.isOver());
  if (answer !== undefined) note(caller, errand, answer);
  return answer;
}

/** What was acknowledged is acknowledged for ever; what was refused may be refused again. */
function refusedAfterAll(
  { book }: Caller,
  { asks }: Errand,
  kind: Told['kind'],
  status: number,
): void {
  const promised = asks.filter(({ key }) => book.promises.get(kind)?.has(key) === true);
  if (promised.length < asks.length) return;
  const keys = promised.map(({ key }) => key).join(', ');
  book.contradiction(
    `${kind} ${keys} was acknowledged, and refused (${status}) when it came again`,
  );
}

function note({ book, holds }: Caller, errand: Errand, answer: Answer): void {
  for (const told of errand.told(answer)) {
    if ('contradiction' in told) book.contradiction(told.contradiction);
    else if ('refused' in told) book.refused(told.kind, told.refused);
    else {
      book.acknowledged(told.kind, told.acknowledged);
      const { key, detail } = told.acknowledged;
      if (told.kind === 'hold' && detail === 'held' && !holds.includes(key)) holds.push(key);
      if (holds.length > REMEMBERED_HOLDS) holds.shift();
    }
  }
}

function remember({ book, orders }: Caller, placed: readonly OrderBody[]): void {
  for (const body of placed) {
    const promise = book.promises.get('order')?.get(`${body.channel}/${body.externalId}`);
    if (typeof promise?.id === 'string') orders.push({ id: promise.id, body });
  }
  while (orders.length > REMEMBERED_ORDERS) orders.shift();
}
