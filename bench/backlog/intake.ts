import type { CallersProcess, CallersTask } from '../placement/callers.ts';
import type { House } from './house.ts';

/** New orders come four at a time; each caller rests so long that they are about 20 a second. */
const LATECOMERS = { callers: 4, pauseMs: 195, ordersPerTurn: 20 };

/** Orders of one line to be placed at once. */
export interface IntakePlan {
  /** Begins their external ids; unique per run. */
  readonly name: string;
  readonly count: number;
  /** At once, over all processes of callers. */
  readonly callers: number;
}

/** How orders were taken in: of each its answer's milliseconds, and how many a second in all. */
export interface Intake {
  readonly milliseconds: readonly number[];
  readonly perSecond: number;
}

/** Places the orders; throws unless each was accepted at its first request. */
export async function placeOrders(
  { empty, callers }: House,
  { name, count, callers: atOnce }: IntakePlan,
): Promise<Intake> {
  const share = (whole: number) => whole / callers.length;
  return place(
    callers.map((process, number) => ({
      process,
      task: taskOf(empty, {
        name: `${name}-${number}`,
        count: share(count),
        callers: share(atOnce),
        pauseMs: 0,
      }),
    })),
  );
}

/** Goes on to place new orders, about 20 a second, as long as `isWanted` says so. */
export async function placeMeanwhile(
  { empty, latecomers }: House,
  name: string,
  isWanted: () => boolean,
): Promise<Intake> {
  const milliseconds: number[] = [];
  const startedAt = performance.now();
  const { ordersPerTurn, ...pace } = LATECOMERS;
  for (let turn = 0; isWanted(); turn += 1) {
    const task = taskOf(empty, { name: `${name}-${turn}`, count: ordersPerTurn, ...pace });
    milliseconds.push(...(await place([{ process: latecomers, task }])).milliseconds);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { milliseconds, perSecond: milliseconds.length / seconds };
}

type Task = Omit<CallersTask, 'step'>;

function taskOf(
  { env, stack }: House['empty'],
  part: Pick<Task, 'name' | 'count' | 'callers' | 'pauseMs'>,
): Task {
  return {
    ...part,
    lines: 1,
    apiUrls: [`http://127.0.0.1:${env.API_PORT}`],
    apiKey: stack.apiKey,
    gatewayUrl: stack.simulators.gateway,
  };
}

/** Payments are authorized before anything is measured. */
async function place(
  shares: readonly { readonly process: CallersProcess; readonly task: Task }[],
): Promise<Intake> {
  const ask = (step: CallersTask['step']) =>
    Promise.all(shares.map(({ process, task }) => process.ask({ ...task, step })));
  await ask('authorize');
  const placed = await ask('place');
  const refused = placed.reduce((sum, one) => sum + one.refused, 0);
  if (refused > 0) throw new Error(`${refused} orders were asked to come again`);
  const beganAt = Math.min(...placed.flatMap(({ sentAt }) => sentAt));
  const answeredAt = Math.max(...placed.flatMap((one) => one.answeredAt));
  const milliseconds = placed.flatMap((one) => one.milliseconds);
  return { milliseconds, perSecond: (milliseconds.length * 1_000) / (answeredAt - beganAt) };
}
