import { setTimeout as sleep } from 'node:timers/promises';
import { CHANNEL } from '../replay/requests.ts';
import type { TalkingProcess } from '../talking-process.ts';
import type { House } from './house.ts';
import { externalIdOf, returnedLine, type RetailMonth } from './retail-day.ts';
import type { SendTask, Sent } from './sender.ts';

const LOOK_EVERY_MS = 500;
const REPORT_EVERY_MS = 15_000;
const DEADLINE_MS = 1_800_000;
const RETURNED_PERCENT = 8;

/** A part of the bench: so many orders over so long a time. */
export interface PartPlan {
  readonly name: string;
  readonly count: number;
  readonly durationMs: number;
}

/** How a part went; times in milliseconds since 1970. */
export interface PartResult {
  readonly sent: Sent;
  /** When the last order's and the last return's process ended. */
  readonly ordersEndedAt: number;
  readonly returnsEndedAt: number;
  /** The most orders that were accepted and had not ended, as it was looked at. */
  readonly deepestLag: number;
}

/** Sends the orders, takes the returns in as their orders are completed, and waits until everything has ended. */
export async function runPart(
  house: House,
  month: RetailMonth,
  sender: TalkingProcess<SendTask, Sent>,
  plan: PartPlan,
  log: (line: string) => void,
): Promise<PartResult> {
  const { apiUrl, apiKey } = house;
  const { name, count, durationMs } = plan;
  let sent: Sent | undefined;
  const sending = sender.ask({ part: name, count, durationMs, apiUrl, apiKey }).then((all) => {
    sent = all;
    return all;
  });
  // A failure is met at the end; until then the loop below looks on.
  sending.catch(() => undefined);
  const desk = returnsDesk(house, month, plan);
  const startedAt = Date.now();
  let deepestLag = 0;
  let reportedAt = startedAt;
  for (;;) {
    const open = await desk.handIn();
    const progress = await readProgress(house, name);
    deepestLag = Math.max(deepestLag, progress.accepted - progress.ended);
    if (Date.now() - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = Date.now();
      log(
        `${name}: ${progress.accepted} accepted, ${progress.ended} ended, ${progress.returns} returns`,
      );
    }
    const isOver =
      sent !== undefined && progress.ended === count && open === 0 && progress.returnsOpen === 0;
    if (isOver) break;
    if (Date.now() - startedAt > DEADLINE_MS)
      throw new Error(`${name} did not come to its end: ${JSON.stringify(progress)}`);
    // A sender that failed sends nothing more.
    await Promise.race([sleep(LOOK_EVERY_MS), sending.then(() => sleep(LOOK_EVERY_MS))]);
  }
  return { sent: await sending, deepestLag, ...(await readEnds(house, name)) };
}

/** Posts the returns of completed orders. */
interface ReturnsDesk {
  /** Posts what can be posted now; answers how many returns are still to come. */
  handIn(): Promise<number>;
}

function returnsDesk(house: House, month: RetailMonth, { name, count }: PartPlan): ReturnsDesk {
  const waiting = new Map<string, { lineNo: number; sku: string }>();
  for (let index = 0; index < count; index += 1) {
    if ((index * RETURNED_PERCENT) % 100 >= RETURNED_PERCENT) continue;
    const line = returnedLine(month, index);
    if (line !== undefined) waiting.set(orderIdOf(externalIdOf(name, index)), line);
  }
  return {
    handIn: async () => {
      const ids = [...waiting.keys()];
      const ended = await house.owner<{ id: string }[]>`
        select process_id as id from ledger.process
        where process_id = any(${ids}) and state = 'ended'`;
      for (const { id } of ended) {
        const line = waiting.get(id);
        if (line === undefined) continue;
        await requestReturn(house, id, line);
        waiting.delete(id);
      }
      return waiting.size;
    },
  };
}

async function requestReturn(
  house: House,
  orderId: string,
  line: { readonly lineNo: number; readonly sku: string },
): Promise<void> {
  const response = await fetch(`${house.apiUrl}/v1/returns`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${house.apiKey}` },
    body: JSON.stringify({
      channel: CHANNEL,
      externalRef: orderId.replaceAll(':', '-'),
      orderId,
      lines: [{ sku: line.sku, quantity: 1, orderLineId: `${orderId}#${line.lineNo}` }],
    }),
  });
  if (response.status === 429 || response.status === 503) {
    // A shop comes again with the same reference.
    await sleep(LOOK_EVERY_MS);
    return requestReturn(house, orderId, line);
  }
  if (!response.ok) throw new Error(`the return of ${orderId}: ${await response.text()}`);
}

function orderIdOf(externalId: string): string {
  return `order:${CHANNEL}:${externalId}`;
}

interface Progress {
  readonly accepted: number;
  readonly ended: number;
  readonly returns: number;
  readonly returnsOpen: number;
}

async function readProgress({ owner }: House, name: string): Promise<Progress> {
  const pattern = `${orderIdOf(name)}-%`;
  const [row] = await owner<Progress[]>`
    select count(*)::int as accepted, count(*) filter (where state = 'ended')::int as ended,
      (select count(*)::int from ledger.returns) as returns,
      (select count(*)::int from ledger.process
       where kind = 'return' and state <> 'ended') as "returnsOpen"
    from ledger.process where process_id like ${pattern}`;
  return row ?? { accepted: 0, ended: 0, returns: 0, returnsOpen: 0 };
}

async function readEnds(
  { owner }: House,
  name: string,
): Promise<Pick<PartResult, 'ordersEndedAt' | 'returnsEndedAt'>> {
  const pattern = `${orderIdOf(name)}-%`;
  const [row] = await owner<{ orders: number; returns: number | null }[]>`
    select (extract(epoch from max(p.ended_at)) * 1000)::float as orders,
      (select (extract(epoch from max(r.ended_at)) * 1000)::float
       from ledger.process r where r.kind = 'return') as returns
    from ledger.process p where p.process_id like ${pattern}`;
  const ordersEndedAt = row?.orders ?? Number.NaN;
  return { ordersEndedAt, returnsEndedAt: row?.returns ?? ordersEndedAt };
}
