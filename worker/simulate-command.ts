/**
 * `npm run simulate -- <policy> <file> --from <time> --until <time> [--channel <channel>] [--region <country>]
 * [--json <file>] [--decision-hours <hours>] [--inspection-hours <hours>]`: tries the draft in a file (of return, approval-matrix or refund-timing; the document alone, or
 * the body that the API takes) on the returns of a period and tells what would have changed, as tables, and as
 * JSON where asked for. Progress goes to the other output. Changes nothing. Exit code 0 with a report, 2 without.
 * DATABASE_URL names the server; without it, the one that `npm start` runs on this data folder.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connectLedger, type Ledger } from '../activities/ledger/connect.ts';
import { laterOf, simulateDraft, type SimulationRequest } from '../api/policy-simulation.ts';
import { checkDraft, POLICY_SCOPES } from '../rules/policy/check-draft.ts';
import { diffInWords, scopeInWords } from '../rules/policy/diff-in-words.ts';
import { POLICY_SCHEMAS } from '../rules/policy/documents.ts';
import { SIMULATED_POLICIES } from '../rules/policy/simulate-returns.ts';
import type { SimulationReport } from '../rules/policy/simulation-report.ts';
import { readPolicy } from '../activities/ledger/read/policies.ts';
import { readEnv } from './env.ts';
import { findLedger } from './find-ledger.ts';
import { withoutPassword } from './ledger-address.ts';
import { simulationTable } from './simulation-table.ts';

const USAGE = [
  `Usage: npm run simulate -- <${SIMULATED_POLICIES.join('|')}> <file> --from <time> --until <time>`,
  '  [--channel <channel>] [--region <country>] [--json <file>]',
  '  [--decision-hours <hours>] [--inspection-hours <hours>]',
  'Times as 2026-11-01 or 2026-11-01T09:30:00Z; until is exclusive. Hours are assumed instead of what the past',
  'tells, as where trade was replayed.',
].join('\n');

/** A day, or an instant. */
const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((text) => new Date(text).toISOString());

const hours = z.coerce.number().nonnegative().max(8_760).optional();

const argumentsSchema = z.object({
  policy: z.enum(SIMULATED_POLICIES),
  file: z.string(),
  from: time,
  until: time,
  channel: z.string().default('*'),
  region: z.string().default('*'),
  json: z.string().optional(),
  'decision-hours': hours,
  'inspection-hours': hours,
});

/** The body of a draft, as it is sent to the API; a file may hold its document alone. */
const draftSchema = z.object({
  document: z.record(z.string(), z.unknown()),
  activeFrom: z.iso.datetime({ offset: true }).optional(),
});

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
});

async function run(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const request = await readRequest(asked, new Date().toISOString());
  const { url, from } = await findLedger(readEnv());
  console.error(`Simulating on ${withoutPassword(url)} (${from}).`);
  const ledger = connectLedger(url, { connections: 1 });
  try {
    const { against, changes } = await changesOf(ledger, request);
    const report = await reportOf(ledger, request);
    const told = changes.length === 0 ? ['Nothing changes.'] : changes;
    console.log([against, ...told, '', simulationTable(report)].join('\n'));
    if (asked.json !== undefined) {
      const { document: _document, at: _at, ...named } = request;
      const content = { ...named, changes, ...report };
      await writeFile(asked.json, `${JSON.stringify(content, null, 2)}\n`);
      console.error(`Written to ${asked.json}.`);
    }
    return 0;
  } finally {
    await ledger.close();
  }
}

type Arguments = z.infer<typeof argumentsSchema>;

function readArguments(args: readonly string[]): Arguments | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: text,
        until: text,
        channel: text,
        region: text,
        json: text,
        'decision-hours': text,
        'inspection-hours': text,
      },
    });
    const [policy, file, ...rest] = positionals;
    const read = argumentsSchema.safeParse({ policy, file, ...values });
    return rest.length === 0 && read.success && read.data.from < read.data.until
      ? read.data
      : undefined;
  } catch {
    // An option that there is not.
    return undefined;
  }
}

async function readRequest(asked: Arguments, now: string): Promise<SimulationRequest> {
  const { policy, file, channel, region, from, until } = asked;
  const scopes = POLICY_SCOPES[policy];
  if ((channel !== '*' && !scopes.channel) || (region !== '*' && !scopes.region)) {
    throw new Error(`The policy ${policy} is the same everywhere.`);
  }
  const content: unknown = JSON.parse(await readFile(file, 'utf8'));
  const draft = draftSchema.safeParse(content);
  const checked = checkDraft(policy, draft.success ? draft.data.document : content);
  if ('issues' in checked) {
    const troubles = checked.issues.map(
      ({ path, message }) => `${path.join('.') || file}: ${message}`,
    );
    throw new Error(`${file} is no document of the policy ${policy}:\n${troubles.join('\n')}`);
  }
  const at = laterOf(now, draft.data?.activeFrom);
  const { 'decision-hours': decisionHours, 'inspection-hours': inspectionHours } = asked;
  const scope = { channel, region };
  const assumed = { decisionHours, inspectionHours };
  return { policy, document: checked.document, ...scope, from, until, at, ...assumed };
}

/** What the document changes of the version in force, in words. */
async function changesOf(
  ledger: Ledger,
  request: SimulationRequest,
): Promise<{ against: string; changes: string[] }> {
  const { policy, document, channel, region, at } = request;
  const inForce = await readPolicy(ledger, { policy, channel, region, at });
  const before = POLICY_SCHEMAS[policy].parse(inForce.document);
  const changes = diffInWords(policy, before, document, inForce.currency);
  const against = `${policy}, ${scopeInWords(channel, region)}, against version ${inForce.version}:`;
  return { against, changes };
}

async function reportOf(ledger: Ledger, request: SimulationRequest): Promise<SimulationReport> {
  for await (const step of simulateDraft(ledger, request)) {
    if ('report' in step) return step.report;
    if ('progress' in step) console.error(`${step.progress.looked} of ${step.progress.of} returns`);
  }
  throw new Error('The simulation ended without a report.');
}
