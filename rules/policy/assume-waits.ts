import type { PastReturn } from './past-return.ts';

/** How long things are taken to last where the past does not tell, as when it was replayed; minutes are whole. */
export interface AssumedWaits {
  /** From asking a person to the answer. */
  readonly decisionMinutes: number | null;
  /** From the arrival of goods to the end of their inspection. */
  readonly inspectionMinutes: number | null;
}

/** The same return with what is assumed instead of what is known of it; null assumes nothing. */
export function assumeWaits(past: PastReturn, assumed: AssumedWaits): PastReturn {
  const { decisionMinutes, inspectionMinutes } = assumed;
  const hasGoods = past.parts.some(({ kind, cover }) => kind === 'goods' && cover !== 'cancelled');
  return {
    ...past,
    decisionMinutes: decisionMinutes ?? past.decisionMinutes,
    inspectionMinutes:
      inspectionMinutes === null || !hasGoods
        ? past.inspectionMinutes
        : (past.receiptMinutes ?? 0) + inspectionMinutes,
  };
}
