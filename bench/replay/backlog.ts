import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpService } from './api-client.ts';
import type { People } from './people.ts';

const FIRST_LOOK_MS = 30;
const LONGEST_LOOK_MS = 75;
/** Longer than any retry of a step, so that what stands still for so long stands for good. */
const STANDSTILL_MS = 150_000;

type Counts = Readonly<Record<string, number>>;

/** What `GET /v1/operations/backlog` answers, as far as the replay looks at it. */
export interface Backlog {
  readonly processesPending: Counts;
  readonly processesRunning: Counts;
  readonly outbox: Counts;
  readonly returns: Counts;
  readonly purchaseOrders: Counts;
  readonly exceptions: Counts;
  readonly ordersOpen: number;
  readonly ordersWaitingForStock: number;
  readonly backorderedUnits: number;
  readonly shipmentsReleased: number;
  readonly capturesDue: number;
  readonly refundsDue: number;
  readonly approvalsOpen: number;
  readonly shippingNoticesOpen: number;
}

/** Purchase orders rest while their supplier has the next word. */
const PURCHASE_ORDERS_AT_REST = new Set(['acknowledged']);
/** Kinds of processes that may wait for days: orders for stock, purchase orders for their supplier. */
const PATIENT_PROCESSES = new Set(['order', 'purchase-order']);

/**
 * Names everything that still moves at this business time; empty when the house is quiet. Orders that
 * wait for stock and purchase orders that wait for their supplier are at rest.
 */
export function unrest(backlog: Backlog): string[] {
  const impatient = Object.entries(backlog.processesRunning).filter(
    ([kind]) => !PATIENT_PROCESSES.has(kind),
  );
  const purchaseOrders = Object.entries(backlog.purchaseOrders).filter(
    ([state]) => !PURCHASE_ORDERS_AT_REST.has(state),
  );
  const orders =
    Math.max(backlog.ordersOpen, backlog.processesRunning['order'] ?? 0) -
    backlog.ordersWaitingForStock;
  return [
    ...named('processes not started', Object.entries(backlog.processesPending)),
    ...named('processes running', impatient),
    ...named('messages not sent', Object.entries(backlog.outbox)),
    ...named('returns', Object.entries(backlog.returns)),
    ...named('purchase orders', purchaseOrders),
    ...named('exceptions', Object.entries(backlog.exceptions)),
    ...named('', [
      ['orders that do not wait for stock', Math.max(0, orders)],
      ['shipments not dispatched', backlog.shipmentsReleased],
      ['captures due', backlog.capturesDue],
      ['refunds due', backlog.refundsDue],
      ['approvals open', backlog.approvalsOpen],
    ]),
  ];
}

function named(what: string, counts: readonly (readonly [string, number])[]): string[] {
  return counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => (what === '' ? `${count} ${name}` : `${count} ${what} (${name})`));
}

/** Whether anything is still to come: then more days have to pass. */
export function isOver(backlog: Backlog): boolean {
  return (
    unrest(backlog).length === 0 &&
    backlog.ordersOpen === 0 &&
    backlog.shippingNoticesOpen === 0 &&
    Object.values(backlog.purchaseOrders).every((count) => count === 0) &&
    Object.values(backlog.processesRunning).every((count) => count === 0)
  );
}

async function readBacklog(api: HttpService): Promise<Backlog> {
  return (await api.call('GET', '/v1/operations/backlog')).body as Backlog;
}

/** Looks until the house is quiet. Throws, naming what is stuck, when nothing changes for minutes. */
export async function waitUntilQuiet(options: {
  readonly api: HttpService;
  readonly people: People;
  readonly onLook: (backlog: Backlog) => void;
}): Promise<Backlog> {
  const { api, people, onLook } = options;
  let pauseMs = FIRST_LOOK_MS;
  let last = '';
  let changedAt = performance.now();
  for (;;) {
    people.assertWell();
    const backlog = await readBacklog(api);
    onLook(backlog);
    const open = unrest(backlog);
    if (open.length === 0) return backlog;
    const seen = JSON.stringify([open, backlog.backorderedUnits]);
    if (seen !== last) {
      last = seen;
      changedAt = performance.now();
    } else if (performance.now() - changedAt > STANDSTILL_MS) {
      throw new Error(
        `The replay does not get on: for ${STANDSTILL_MS / 1_000} s nothing has changed and there are ${open.join(', ')}.`,
      );
    }
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_LOOK_MS);
  }
}
