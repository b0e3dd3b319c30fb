import { CALM_PACE } from '../../worker/engine.ts';
import { type Figure, percentile } from '../measure.ts';
import type { Intake } from './intake.ts';
import type { Turns } from './turns.ts';

const LATENCY_TARGET = 'p99 < 250 ms';

/** What one round found. */
export interface Round {
  /** Empty workflows a second. */
  readonly emptyPerSecond: number;
  readonly up: Intake;
  /** While Temporal is away, both halves of the backlog. */
  readonly away: readonly Intake[];
  /** Megabytes of Loopline's process while Temporal is away, without a backlog, with half and with all of it. */
  readonly memory: readonly [empty: number, half: number, whole: number];
  /** When Temporal was back, in milliseconds since 1970. */
  readonly returnedAt: number;
  /** When all of the backlog was released, in milliseconds since 1970. */
  readonly releasedAt: number;
  readonly turns: Turns;
  /** New orders while the backlog was started. */
  readonly beside: Intake;
}

/** Every figure of the rounds; what is better without Temporal has Temporal's presence as its floor. */
export function figuresOf(rounds: readonly Round[]): Figure[] {
  return [...acceptanceFigures(rounds), ...drainFigures(rounds), ...memoryFigures(rounds)];
}

/** Started a second, from the first of the backlog to its last. */
export function startedPerSecond({ turns }: Round): number {
  return (turns.count * 1_000) / (turns.lastAt - turns.firstAt);
}

function acceptanceFigures(rounds: readonly Round[]): Figure[] {
  const away = (share: number) =>
    rounds.map((round) =>
      percentile(
        round.away.flatMap(({ milliseconds }) => milliseconds),
        share,
      ),
    );
  const up = (share: number) => rounds.map((round) => percentile(round.up.milliseconds, share));
  return [
    {
      measure: 'accepted while Temporal is away, p50',
      unit: 'ms',
      rounds: away(0.5),
      floor: { name: 'with Temporal', rounds: up(0.5) },
    },
    {
      measure: 'accepted while Temporal is away, p99',
      unit: 'ms',
      rounds: away(0.99),
      floor: { name: 'with Temporal', rounds: up(0.99) },
      target: LATENCY_TARGET,
    },
  ];
}

function drainFigures(rounds: readonly Round[]): Figure[] {
  const beside = (share: number) =>
    rounds.map((round) => percentile(round.beside.milliseconds, share));
  return [
    {
      measure: 'backlog durably started after the return',
      unit: 'orders/s',
      rounds: rounds.map(startedPerSecond),
      floor: {
        name: 'empty workflows',
        rounds: rounds.map(({ emptyPerSecond }) => emptyPerSecond),
      },
      target: '≥ 75 % of the floor',
    },
    {
      measure: 'from the return to the first start',
      unit: 's',
      rounds: rounds.map(({ turns, returnedAt }) => (turns.firstAt - returnedAt) / 1_000),
    },
    {
      measure: 'from the return to the release of all of it',
      unit: 's',
      rounds: rounds.map(({ releasedAt, returnedAt }) => (releasedAt - returnedAt) / 1_000),
    },
    {
      measure: 'new orders beside it',
      unit: 'orders/s',
      rounds: rounds.map((round) => round.beside.perSecond),
    },
    { measure: 'new orders beside it, accepted, p50', unit: 'ms', rounds: beside(0.5) },
    {
      measure: 'new orders beside it, accepted, p99',
      unit: 'ms',
      rounds: beside(0.99),
      target: LATENCY_TARGET,
    },
    {
      measure: 'rank correlation of coming and starting',
      unit: '',
      rounds: rounds.map(({ turns }) => turns.rankCorrelation),
      target: 'oldest first: near 1',
    },
    {
      measure: `furthest out of turn, in batches of ${CALM_PACE.atOnce}`,
      unit: '',
      rounds: rounds.map(({ turns }) => turns.furthest / CALM_PACE.atOnce),
    },
  ];
}

function memoryFigures(rounds: readonly Round[]): Figure[] {
  return (['no', 'half the', 'the whole'] as const).map((backlog, index) => ({
    measure: `memory of the process with ${backlog} backlog`,
    unit: 'MB',
    rounds: rounds.map(({ memory }) => memory[index] ?? Number.NaN),
  }));
}
