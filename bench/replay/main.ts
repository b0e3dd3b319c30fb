/** `npm run replay`: months of real trade through the whole of Loopline, and the books compared. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStopList, type StopList } from '../../worker/stack/stop-list.ts';
import { ArgumentError, readReplayArguments, USAGE, type ReplayArguments } from './arguments.ts';
import { checksOf } from './checks.ts';
import { drive } from './driver.ts';
import { readGatewayComparison } from './gateway-book.ts';
import { startOwnStack } from './own-stack.ts';
import { printReport } from './print-report.ts';
import { showProgress } from './progress.ts';
import {
  reportOf,
  speedOf,
  type CheckFigures,
  type Findings,
  type TradeFigures,
} from './report.ts';
import { CHANNEL } from './requests.ts';
import { classifyRows, type ClassifiedRow } from './source/classify.ts';
import { plainCount } from './source/plain-count.ts';
import { readSourceFiles, SourceFileError } from './source/read-file.ts';
import { summarizeSource } from './source/summary.ts';
import {
  SplitInvoiceError,
  tradeDays,
  type OrderEvent,
  type TradeDay,
} from './source/trade-day.ts';
import { targetFromEnvironment, type Target } from './target.ts';

/** The ledger reads every entry for its check and its figures. */
const LONG_READ = { deadlineMs: 300_000 };

const HOUR_MS = 3_600_000;

const log = (line: string) => console.log(line);

process.exitCode = await main();

/** Answers the exit code: 0 when every check holds, 1 when one does not, 2 when there is nothing to replay. */
async function main(): Promise<number> {
  const parts = createStopList(log);
  const interrupted = stopOnSignal(parts);
  try {
    const args = readReplayArguments(process.argv.slice(2));
    const rows = classifyRows(await readSourceFiles(args.files));
    const days = tradeDays(rows);
    return await Promise.race([replay(args, rows, days, parts), interrupted]);
  } catch (error) {
    if (error instanceof ArgumentError) return complain(`${error.message}\n\n${USAGE}`);
    if (error instanceof SourceFileError || error instanceof SplitInvoiceError)
      return complain(error.message);
    console.error(error);
    return 1;
  } finally {
    await parts.stop();
  }
}

function complain(message: string): number {
  console.error(message);
  return 2;
}

function stopOnSignal(parts: StopList): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // A terminal's Ctrl-C comes again through npm and tsx; whoever is in haste has kill -9.
        if (asked) return;
        asked = true;
        log(`${signal}: stopping.`);
        void parts.stop().finally(() => process.exit(130));
        resolve(130);
      });
    }
  });
}

async function replay(
  args: ReplayArguments,
  rows: readonly ClassifiedRow[],
  days: readonly TradeDay[],
  parts: StopList,
): Promise<number> {
  const { seed, concurrency, nodes } = args;
  const target =
    args.url === null
      ? await startOwnStack({ seed, parts, log })
      : await targetFromEnvironment(args.url, process.env);
  const orders = days.flatMap(({ events }) => events.filter((event) => event.type === 'order'));
  const progress = showProgress(process.stdout, { days: days.length, orders: orders.length });
  const driven = await drive({ target, rows, days, seed, concurrency, nodes, progress });

  const findings = await gather(args, rows, orders, target, driven);
  const report = reportOf(findings);
  const checks = checksOf(findings);
  log(printReport(report, findings.summary, checks));
  log(phasesLine(driven.phaseSeconds));
  if (args.json !== null) await writeFile(args.json, `${JSON.stringify(report, null, 2)}\n`);
  const failed = checks.filter(({ ok }) => !ok);
  log(
    failed.length === 0
      ? 'Every check holds.'
      : `${failed.length} of ${checks.length} checks failed.`,
  );
  if (args.stay) await stayUp();
  return failed.length === 0 ? 0 : 1;
}

/** Never ends: whoever has seen enough of the stack stops the replay with a signal, and the stack with it. */
function stayUp(): Promise<never> {
  const folder = join(process.env['LOOPLINE_DATA'] ?? '.loopline', 'replay');
  log(
    `The stack stays up until Ctrl-C. Its ledger is found by LOOPLINE_DATA=${folder}, as in LOOPLINE_DATA=${folder} npm run simulate.`,
  );
  return new Promise(() => {
    // Keeps this process up, as nothing else here is under way.
    setInterval(() => undefined, HOUR_MS);
  });
}

function phasesLine(phaseSeconds: ReadonlyMap<string, number>): string {
  const phases = [...phaseSeconds].map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)} s`);
  return `Where the time went: ${phases.join(', ')}.`;
}

/** Asks every side for its figures: the files, the ledger and the gateway. */
async function gather(
  args: ReplayArguments,
  rows: readonly ClassifiedRow[],
  orders: readonly OrderEvent[],
  target: Target,
  driven: { readonly wallSeconds: number; readonly orderMs: readonly number[] },
): Promise<Findings> {
  const sources = new URLSearchParams(
    [...new Set(rows.map((row) => row.fileStem))].map((stem) => ['source', stem]),
  );
  const read = async (path: string) =>
    (await target.api.call('GET', path, undefined, LONG_READ)).body;
  const trade = (await read(`/v1/ledger/trade?${sources}`)) as TradeFigures;
  const check = (await read('/v1/ledger/check')) as CheckFigures;
  const ours = new Set(orders.map(({ invoiceNo }) => `order:${CHANNEL}:${invoiceNo}`));
  return {
    summary: summarizeSource(rows),
    plain: await plainCount(args.files),
    trade,
    check,
    gateway: await readGatewayComparison(target, (orderId) => ours.has(orderId)),
    // Orders that an earlier run had posted say nothing of this one's speed.
    speed: speedOf(
      Math.min(trade.orders.completed, driven.orderMs.length),
      driven.wallSeconds,
      driven.orderMs,
    ),
    expected: { orders: orders.length },
  };
}
