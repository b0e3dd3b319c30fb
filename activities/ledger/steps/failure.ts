import type { Ledger } from '../connect.ts';

/**
 * Puts a step that failed for good, or its undoing, on the exception board; one exception per process
 * and step while it is open. `message` is cut to 500 characters. Errors: NotFound.
 */
export async function reportFailure(
  ledger: Ledger,
  request: { processId: string; step: string; compensation: boolean; message: string },
): Promise<void> {
  await ledger.call('report_failure', request);
}

/**
 * Closes the open exception of a step that goes on by itself after all, as healed; answers whether there
 * was one. Errors: NotFound.
 */
export async function healFailure(
  ledger: Ledger,
  request: { processId: string; step: string },
): Promise<boolean> {
  const { healed } = await ledger.call<{ healed: boolean }>('heal_failure', request);
  return healed;
}
