import { connectLedger } from '../../activities/ledger/connect.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import {
  callersAtOnce,
  percentile,
  type Bench,
  type BenchOptions,
  type Figure,
  type Findings,
} from '../measure.ts';
import { livesOf } from '../trade/lives.ts';
import { openMerchant, type Merchant } from '../trade/merchant.ts';
import { returnStraight } from './straight-return.ts';

const CALLERS = [1, 8] as const;
/** Enough that selling, which is not measured, does not take long. */
const SELLERS = 32;
/** Returns per caller and round. */
const EACH = 40;
const EACH_QUICK = 8;

/** How many returns a second go all the way, and how long one takes. */
export const returns: Bench = {
  name: 'return',
  summary: 'returns a second from request to refund by 1 and by 8 callers',
  run,
};

const NOTES = [
  'A return: one unit of one sale, within policy; asked for over HTTP, labelled at the carrier, received and inspected by its caller, credited, refunded at the gateway, closed. Its caller goes on with the next once it is closed.',
  'The floor calls the same functions of the ledger from here, without HTTP, workflow, carrier and gateway, with Loopline stopped.',
  'Refunds elsewhere, 8 callers, on the reference machine in November 2026: Vendure 3 13.4/s (refund only, no return process), Medusa 2 1.7/s.',
];

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const merchant = await openMerchant({ dataDir, log });
  const ledger = connectLedger(merchant.appUrl).as({ actor: 'bench' });
  try {
    const lives = livesOf(merchant);
    const each = quick ? EACH_QUICK : EACH;
    const plan = CALLERS.map((callers) => ({ callers, count: callers * each, rounds }));
    const warmUp = await sell(merchant, 'warm-up', SELLERS);
    await callersAtOnce(8, warmUp.length, async (number) => {
      await lives.return(warmUp[number] ?? '', number);
    });
    await merchant.settle();
    const whole = await measureAll(merchant, plan, 'whole', log, async (orderId, number) => {
      await lives.return(orderId, number);
    });
    // Selling needs Loopline, the floor needs it out of the way.
    const straight = await measureAll(
      merchant,
      plan,
      'straight',
      log,
      (orderId, number) => returnStraight(ledger, orderId, number),
      () => merchant.stopLoopline(),
    );
    const check = await checkLedger(ledger);
    if (!check.ok) throw new Error(`the ledger's check found ${JSON.stringify(check.drift)}`);
    return { figures: figuresOf(whole, straight), notes: NOTES };
  } finally {
    await ledger.close();
    await merchant.close();
  }
}

/** One number of callers: each round's returns a second and the median's milliseconds. */
interface Measured {
  readonly callers: number;
  readonly perSecond: number[];
  readonly medianMs: number[];
}

/** Sells what all rounds need, then returns it round by round. */
async function measureAll(
  merchant: Merchant,
  plan: readonly { callers: number; count: number; rounds: number }[],
  name: string,
  log: BenchOptions['log'],
  giveBack: (orderId: string, number: number) => Promise<void>,
  whenSold: () => Promise<void> = async () => undefined,
): Promise<Measured[]> {
  const needed = plan.reduce((sum, { count, rounds }) => sum + count * rounds, 0);
  const orders = await sell(merchant, name, needed);
  log(`${needed} orders are sold and sent (${name})`);
  await whenSold();
  let next = 0;
  const measured: Measured[] = [];
  for (const { callers, count, rounds } of plan) {
    const result: Measured = { callers, perSecond: [], medianMs: [] };
    for (let round = 1; round <= rounds; round += 1) {
      const first = next;
      next += count;
      const startedAt = performance.now();
      const taken = await callersAtOnce(callers, count, (index) =>
        giveBack(orders[first + index] ?? '', first + index),
      );
      const perSecond = (count * 1_000) / (performance.now() - startedAt);
      result.perSecond.push(perSecond);
      result.medianMs.push(percentile(taken, 0.5));
      log(`${name}, ${callers} callers, round ${round}: ${perSecond.toFixed(1)} returns/s`);
    }
    measured.push(result);
  }
  return measured;
}

async function sell(merchant: Merchant, name: string, count: number): Promise<string[]> {
  const lives = livesOf(merchant);
  const orders: string[] = [];
  await callersAtOnce(SELLERS, count, async (number) => {
    orders[number] = await lives.order(`${name}-${number}`, number);
  });
  return orders;
}

function figuresOf(whole: readonly Measured[], straight: readonly Measured[]): Figure[] {
  return whole.flatMap(({ callers, perSecond, medianMs }, index): Figure[] => {
    const floor = straight[index];
    if (floor === undefined) return [];
    const name = 'calls of the ledger alone';
    const by = `${callers} ${callers === 1 ? 'caller' : 'callers'}`;
    return [
      {
        measure: `returns, ${by}`,
        unit: '/s',
        rounds: perSecond,
        floor: { name, rounds: floor.perSecond },
      },
      {
        measure: `one return, p50, ${by}`,
        unit: 'ms',
        rounds: medianMs,
        floor: { name, rounds: floor.medianMs },
      },
    ];
  });
}
