import type { Context } from 'hono';
import { Failure } from '../activities/failures.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { notePolicySimulation } from '../activities/ledger/intake/policy-drafts.ts';
import type { PolicyDraft } from '../activities/ledger/read/policies.ts';
import type { PolicyDocument } from '../rules/policy/documents.ts';
import { inWords } from './policy-document.ts';
import {
  isSimulated,
  laterOf,
  simulateDraft,
  type SimulationProgress,
  type SimulationStep,
} from './policy-simulation.ts';
import { problem } from './problem.ts';

/** As long as the ledger gives one long read. */
const DEADLINE_MS = 100_000;
const LINES = 'application/x-ndjson';

/** What a caller wants to see tried. */
interface AskedSimulation {
  readonly draft: PolicyDraft;
  readonly document: PolicyDocument;
  readonly from: string;
  readonly until: string;
  readonly decisionHours?: number | undefined;
  readonly inspectionHours?: number | undefined;
  readonly actor: string;
  readonly at: string;
}

/** Runs a simulation for a request: one report, or lines with its progress for who accepts those. */
export async function answerSimulation(
  hono: Context,
  ledger: Ledger,
  { draft, document, from, until, actor, at, ...assumed }: AskedSimulation,
): Promise<Response> {
  const { draftId, policy, channel, region, activeFrom } = draft;
  if (!isSimulated(policy)) {
    return problem(hono, 409, 'Conflict', `Nothing tries out a draft of the policy ${policy}.`);
  }
  if (Date.parse(until) <= Date.parse(from)) {
    const message = 'must lie behind from';
    return problem(hono, 422, 'InvalidInput', `until: ${message}`, [{ path: 'until', message }]);
  }
  const lastMs = performance.now() + DEADLINE_MS;
  const period = { from: utc(from), until: utc(until) };
  const simulated = simulateDraft(
    ledger,
    { policy, document, channel, region, from, until, at: laterOf(at, activeFrom), ...assumed },
    () => performance.now() > lastMs,
  );
  const steps = noted(ledger, simulated, { draftId, policy, ...period, actor, at });
  const { changes } = inWords(draft);
  const named = { draftId, policy, channel, region, ...period, ...assumed, changes };
  if (hono.req.header('Accept')?.includes(LINES) === true) {
    return hono.body(streamOf(linesOf(steps, named)), 200, { 'Content-Type': LINES });
  }
  for await (const step of steps) {
    if ('report' in step) return hono.json({ ...named, ...step.report }, 200);
    if ('stopped' in step) {
      const message = tooLong(step.stopped);
      return problem(hono, 422, 'InvalidInput', `until: ${message}`, [{ path: 'until', message }]);
    }
  }
  throw new Error('the simulation ended without a report');
}

/** The same steps; what the report says is kept with the draft before it is told. */
async function* noted(
  ledger: Ledger,
  steps: AsyncIterable<SimulationStep>,
  about: Omit<Parameters<typeof notePolicySimulation>[1], 'summary'>,
): AsyncGenerator<SimulationStep, void, undefined> {
  for await (const step of steps) {
    if ('report' in step)
      await notePolicySimulation(ledger, { ...about, summary: step.report.summary });
    yield step;
  }
}

/** Each line goes out when it is there; whoever hangs up ends the simulation. */
function streamOf(lines: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await lines.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await lines.return();
    },
  });
}

/** One line of JSON each; a failure on the way is the last line, as the status has been sent by then. */
async function* linesOf(
  steps: AsyncIterable<SimulationStep>,
  named: object,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  const line = (value: unknown) => encoder.encode(`${JSON.stringify(value)}\n`);
  try {
    for await (const step of steps) {
      if ('report' in step) yield line({ report: { ...named, ...step.report } });
      else if ('stopped' in step)
        yield line({ problem: { title: 'InvalidInput', detail: tooLong(step.stopped) } });
      else yield line(step);
    }
  } catch (error) {
    const title = error instanceof Failure ? error.type : 'InternalError';
    yield line({ problem: { title, detail: 'There is no report: ask again.' } });
    if (!(error instanceof Failure)) throw error;
  }
}

function tooLong({ looked, of }: SimulationProgress): string {
  return `${looked} of ${of} returns were looked at in ${DEADLINE_MS / 1_000} seconds: ask for a shorter period`;
}

function utc(instant: string): string {
  return new Date(instant).toISOString();
}
