import { setTimeout as sleep } from 'node:timers/promises';
import { array, asyncProperty, check, integer, record, type Arbitrary } from 'fast-check';
import type postgres from 'postgres';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { putChannels, putNodes, putSuppliers } from '../../activities/ledger/intake/master-data.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readTrialBalance } from '../../activities/ledger/read/finance.ts';
import { KINDS } from './operations/choose.ts';
import { SIDES } from './operations/dice.ts';
import {
  Disagreement,
  NoAnswer,
  runCase,
  type CaseOptions,
  type Ground,
  type Throw,
} from './run-case.ts';
import { shrinkCase } from './shrink-case.ts';

/** Cases of one seed until so many operations were done. */
export interface Exploration extends CaseOptions {
  readonly seed: number;
  readonly operations: number;
  /** Operations of one case at most. */
  readonly caseLength: number;
  readonly log?: (line: string) => void;
}

/** What was done, or the smallest case that shows a difference. */
export interface Explored {
  readonly operations: number;
  readonly cases: number;
  /** Cases among them that were given up because the ledger did not answer in time. */
  readonly unanswered: number;
  readonly seconds: number;
  readonly failure: { readonly seed: number; readonly error: Disagreement } | null;
}

/** One of so many cases may be given up because a call was not answered in time. */
export const MOST_UNANSWERED = 20;
/** By then Postgres has ended what was not answered: a statement has 2 s. */
const UNANSWERED_PAUSE_MS = 3_000;
const CASES_AT_ONCE = 20;
const NUMBERS = 16;

/** A shop with the nodes, channels and the supplier that all cases share. */
export async function openGround(ledger: Ledger, owner: postgres.Sql): Promise<Ground> {
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 5 },
  ]);
  await putNodes(ledger, [
    { node: 'north', name: 'North', country: 'GB', priority: 1 },
    { node: 'south', name: 'South', country: 'GB', priority: 2 },
  ]);
  await putChannels(ledger, [
    { channel: 'web', name: 'Web shop', kind: 'web-shop', backorder: 'refuse' },
    { channel: 'b2b', name: 'B2B portal', kind: 'b2b-portal', backorder: 'allow' },
  ]);
  await owner`
    insert into ledger.person (person_id, issuer, subject, name, roles)
    select 'person:' || p.name, 'https://login.test', p.name, p.name, '{approver,finance,procurement}'
    from (values ('boss'), ('ann')) p(name) on conflict do nothing`;
  return { ledger, owner, cases: 0, operations: 0, unanswered: 0 };
}

const thrown: Arbitrary<Throw> = record({
  kind: integer({ min: 0, max: KINDS - 1 }),
  numbers: array(integer({ min: 0, max: SIDES - 1 }), {
    minLength: NUMBERS,
    maxLength: NUMBERS,
  }),
});

/** Runs random cases against the ledger; the first that differs is shrunk and ends it. */
export async function explore(ground: Ground, exploration: Exploration): Promise<Explored> {
  const { seed, operations, log } = exploration;
  const before = { ...ground };
  const startedAt = performance.now();
  const enough = () => ground.operations - before.operations >= operations;
  let failure: Explored['failure'] = null;
  for (let batch = 0; failure === null && !enough(); batch += 1) {
    const done = ground.operations - before.operations;
    if (batch > 0)
      log?.(`${done} of ${operations} operations, ${secondsSince(startedAt).toFixed(0)} s`);
    // Plans made while the tables were empty read them whole; in use, autovacuum sees to that.
    if (Number.isInteger(Math.log2(batch))) await ground.owner`analyze`;
    failure = await exploreSome(ground, exploration, seed + batch, enough);
  }
  return {
    operations: ground.operations - before.operations,
    cases: ground.cases - before.cases,
    unanswered: ground.unanswered - before.unanswered,
    seconds: secondsSince(startedAt),
    failure,
  };
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}

async function exploreSome(
  ground: Ground,
  options: Exploration,
  seed: number,
  enough: () => boolean,
): Promise<Explored['failure']> {
  const cases = array(thrown, { maxLength: options.caseLength, size: 'max' });
  const agrees = asyncProperty(cases, async (throws) => {
    if (!enough()) await runUnlessUnanswered(ground, throws, options);
  });
  const { failed, counterexample, errorInstance } = await check(agrees, {
    seed,
    numRuns: CASES_AT_ONCE,
    // Its own shrinking shortens from one end; most operations of a case have nothing to do with the fault.
    endOnFailure: true,
  });
  if (!failed) return null;
  if (counterexample === null || !(errorInstance instanceof Disagreement)) throw errorInstance;
  const found = { throws: counterexample[0], error: errorInstance };
  options.log?.(
    `a difference after ${errorInstance.operations.length} operations: making it smaller`,
  );
  const smallest = await shrinkCase(found, (throws) => disagreementOf(ground, throws, options));
  return { seed, error: smallest.error };
}

async function runUnlessUnanswered(
  ground: Ground,
  throws: readonly Throw[],
  options: Exploration,
): Promise<void> {
  try {
    await runCase(ground, throws, options);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    ground.unanswered += 1;
    options.log?.(`a case was given up: no answer to ${error.message}`);
    await sleep(UNANSWERED_PAUSE_MS);
  }
}

async function disagreementOf(
  ground: Ground,
  throws: readonly Throw[],
  options: CaseOptions,
): Promise<Disagreement | null> {
  try {
    await runCase(ground, throws, { ...options, compareEvery: 1 });
    return null;
  } catch (error) {
    if (error instanceof Disagreement) return error;
    throw error;
  }
}

/** What must hold of the whole ledger in the end. Errors: the check's drift, or a trial balance that is none. */
export async function expectSoundBooks(ledger: Ledger): Promise<void> {
  const { ok, drift } = await checkLedger(ledger);
  if (!ok) throw new Error(`the ledger's check found ${JSON.stringify(drift.slice(0, 20))}`);
  const { totals } = await readTrialBalance(ledger);
  const wrong = totals.filter(({ differenceMinor }) => differenceMinor !== '0');
  if (wrong.length > 0) throw new Error(`the trial balance differs: ${JSON.stringify(wrong)}`);
}
