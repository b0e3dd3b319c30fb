import type { Figure } from '../measure.ts';
import type { Extent, Load } from './extent.ts';
import { PACE_MS } from './extent.ts';
import { aloneName, FLOORS, rateName, REFUSED, type Measured, type Way } from './measured.ts';
import type { Shape } from './loopline-processes.ts';

/** Every value that was measured, beside its floor. */
export function figuresOf(measured: Measured, { shapes, loads }: Extent): Figure[] {
  return [
    ...shapes.flatMap((shape) => [
      ...loads.flatMap((load) => ratesOf(measured, shape, load)),
      ...mediansOf(measured, shape),
    ]),
    ...floorFigures(measured, loads),
  ];
}

function ratesOf(measured: Measured, shape: Shape, load: Load): Figure[] {
  const { callers, lines } = load;
  const floors = {
    accepted: { name: 'intake called directly', rounds: measured.of(FLOORS.intake(load)) },
    'durably started': { name: 'empty workflows', rounds: measured.of(FLOORS.empty) },
    'whole lives': { name: 'same steps, empty', rounds: measured.of(FLOORS.sameSteps) },
  };
  return (['accepted', 'durably started', 'whole lives'] as const).map((way) => {
    const target = shape === 'one process' ? targetOf(way, load) : undefined;
    return {
      measure: `${way}: ${shape}, ${lines} line${lines === 1 ? '' : 's'}, ${callers} caller${callers === 1 ? '' : 's'}`,
      unit: 'orders/s',
      rounds: measured.of(rateName(shape, way, load)),
      floor: floors[way],
      ...(target === undefined ? {} : { target }),
    };
  });
}

/** One caller keeps nobody busy: rates have a target from 32 callers on. */
function targetOf(way: Way, { callers, lines }: Load): string | undefined {
  if (lines > 1 || callers < 32) return undefined;
  if (way === 'accepted') return '≥ 60 % of the floor, ≥ 800/s';
  return way === 'durably started' ? '≥ 75 % of the floor' : '≥ 60 % of the floor';
}

function mediansOf(measured: Measured, shape: Shape): Figure[] {
  return [
    {
      measure: `accepted, p50 of one caller: ${shape}`,
      unit: 'ms',
      rounds: measured.of(aloneName(shape, 'accepted')),
      floor: { name: 'intake called directly', rounds: measured.of(FLOORS.intakeAlone) },
      ...(shape === 'one process' ? { target: '≤ 12 ms' } : {}),
    },
    {
      measure: `durably started, p50 of one caller: ${shape}`,
      unit: 'ms',
      rounds: measured.of(aloneName(shape, 'durably started')),
      floor: { name: 'empty workflow', rounds: measured.of(FLOORS.emptyAlone) },
      ...(shape === 'one process' ? { target: '≤ 35 ms' } : {}),
    },
  ];
}

/** The acceptance function without the API's batching: what the driver's floor is worth. */
function floorFigures(measured: Measured, loads: readonly Load[]): Figure[] {
  const load = loads.find(({ callers, lines }) => callers === 32 && lines === 1);
  return [
    { ordersPerCall: 1, clients: 32 },
    { ordersPerCall: 20, clients: 2 },
  ].flatMap(({ ordersPerCall, clients }) => {
    const rounds = measured.of(FLOORS.pgbench(ordersPerCall));
    if (rounds.length === 0 || load === undefined) return [];
    return [
      {
        measure: `intake called directly, 1 line, 32 callers`,
        unit: 'orders/s',
        rounds: measured.of(FLOORS.intake(load)),
        floor: { name: `pgbench, ${clients} clients, ${ordersPerCall} a call`, rounds },
      },
    ];
  });
}

/** What has to be known to read the figures. */
export function notesOf(measured: Measured): string[] {
  const refused = measured.of(REFUSED).reduce((sum, count) => sum + count, 0);
  return [
    'Rates count from the first request of a burst: to the last answer (accepted), to the first step of the last workflow (durably started: its process is running in the ledger), and to the end of the last order (whole lives). All three are of the same burst.',
    'An order is prepaid (authorized at the simulated gateway before the burst begins). The warehouse ships when all orders of the burst are released, so that starting is measured without shipping; the floor of whole lives is told in the same way.',
    'Whole lives are placed, released, shipped, invoiced and captured. Same steps: begin, wait for a signal, advance, one activity, settle, each of them empty.',
    'An empty workflow has also ended when it counts, while that of an order has taken its first step: more than 100 % is possible.',
    `One caller's medians are of orders ${PACE_MS} ms apart, so that no order waits for the work of another; the floors' likewise, but for the intake's, which rests for nothing.`,
    'The floors run in the same round while Loopline does not: the intake in the driver on a database of its own on the same server, the workflows in a process of their own on the same Temporal.',
    'Checked: every order was accepted once and is completed, and the check of both ledgers is clean.',
    ...(measured.of(FLOORS.pgbench(1)).length === 0
      ? ['pgbench is not on PATH: not measured.']
      : ['pgbench calls the acceptance function with the requests that the intake makes.']),
    ...(refused === 0 ? [] : [`${refused} answers asked the caller to come again later.`]),
  ];
}
