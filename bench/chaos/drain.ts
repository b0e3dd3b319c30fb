import { setTimeout as sleep } from 'node:timers/promises';
import { unrest, type Backlog } from '../replay/backlog.ts';
import type { Client } from './client.ts';

const LOOK_MS = 500;
const SAY_MS = 10_000;
/** Longer than the longest pause between two tries of a step. */
const STANDSTILL_MS = 120_000;
/** Whatever still moves after this long is going in circles. */
const MOST_MS = 20 * 60_000;

/**
 * Waits until nothing moves any more: everything is finished, or waits for stock. Answers what has not
 * come to rest after two minutes without a change, exceptions that nobody may close among it; empty or
 * not, the comparison says more.
 */
export async function drain(client: Client, log: (line: string) => void): Promise<string[]> {
  const giveUpAt = performance.now() + MOST_MS;
  let last = '';
  let changedAt = performance.now();
  let saidAt = 0;
  for (;;) {
    const patient = () => performance.now() < giveUpAt;
    const answer = await client.send('GET', '/v1/operations/backlog', undefined, patient);
    if (answer?.status !== 200)
      return [`no API process tells what is under way: ${answer?.status}`];
    const open = restless(answer.body as unknown as ChaosBacklog);
    if (open.length === 0) return [];
    if (!patient()) return open;
    const seen = open.join(', ');
    if (seen !== last) {
      last = seen;
      changedAt = performance.now();
    } else if (performance.now() - changedAt > STANDSTILL_MS) {
      return open;
    }
    if (performance.now() - saidAt > SAY_MS) {
      saidAt = performance.now();
      log(`draining: ${seen}`);
    }
    await sleep(LOOK_MS);
  }
}

interface ChaosBacklog extends Backlog {
  readonly stockHoldsOpen: number;
}

/** Suppliers have the next word only for seconds here, so purchase orders have to come to their end, and so have holds. */
function restless(backlog: ChaosBacklog): string[] {
  const { acknowledged = 0 } = backlog.purchaseOrders;
  return [
    ...unrest(backlog),
    ...(acknowledged > 0 ? [`${acknowledged} purchase orders (acknowledged)`] : []),
    ...(backlog.shippingNoticesOpen > 0
      ? [`${backlog.shippingNoticesOpen} shipping notices not received`]
      : []),
    ...(backlog.stockHoldsOpen > 0 ? [`${backlog.stockHoldsOpen} stock holds`] : []),
  ];
}
