/** What a process waits for, in the words of whoever reads its history. */
const WAITS: Readonly<Record<string, string>> = {
  approval: 'a decision',
  attention: 'news of it',
  stock: 'stock',
  dispatch: 'the warehouse to send it',
  payment: 'somebody to settle the payment',
  fraud: 'somebody to judge the risk',
  address: 'somebody to check the address',
  receipt: 'the goods to come back',
  inspection: 'the goods to be inspected',
  capture: 'the capture of its sale',
  supplier: 'the supplier',
  'supplier-invoice': "the supplier's invoice",
};

/**
 * Reads a due id, which is the process's id, then what is waited for and since which fact:
 * "the warehouse to send it, at most 72 h". `seconds` is how long from now.
 */
export function waitText(processId: string, dueId: string, seconds?: number | null): string {
  const kind = dueId.slice(processId.length + 1).split(':', 1)[0] ?? '';
  const limit = seconds === undefined || seconds === null ? '' : `, at most ${duration(seconds)}`;
  return `${WAITS[kind] ?? kind}${limit}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} h`
    : `${Math.round(seconds / 86_400)} days`;
}
