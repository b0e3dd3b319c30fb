import type { Ledger } from '../activities/ledger/connect.ts';
import { sealAudit, type Sealing } from '../activities/ledger/steps/seal-audit.ts';
import { runLoop } from './run-loop.ts';

const EVERY_MS = 1_000;

export interface AuditSealer {
  /** Seals no more and waits for the sealing under way. */
  stop(): Promise<void>;
}

/**
 * Seals the rows of the audit each second. Any number may run: one of them seals at a time. The chain's end is
 * logged at the beginning and once a day (UTC): an end that is noted outside of the ledger proves everything
 * before it, also against somebody who made the whole chain anew (`npm run audit -- verify <end>`).
 */
export function startAuditSealer(options: {
  readonly ledger: Ledger;
  readonly log: (line: string) => void;
  readonly reportError: (error: unknown) => void;
  /** Between two sealings; 1 s when left out. */
  readonly everyMs?: number;
  /** Now, RFC 3339 UTC; tells the days apart. */
  readonly now?: () => string;
}): AuditSealer {
  const {
    ledger,
    log,
    reportError,
    everyMs = EVERY_MS,
    now = () => new Date().toISOString(),
  } = options;
  let loggedOn: string | undefined;
  const note = ({ sequence, rowHash, busy }: Sealing) => {
    const today = now().slice(0, 10);
    // Whoever only saw another at work tells nothing: that one does.
    if (busy || sequence === 0 || today === loggedOn) return;
    loggedOn = today;
    log(`audit: its end on ${today}, to note elsewhere: ${sequence}:${rowHash}`);
  };
  const seal = async () => {
    await sealAudit(ledger).then(note).catch(reportError);
    return 0;
  };
  return runLoop(seal, { idleMs: everyMs, reportError });
}
