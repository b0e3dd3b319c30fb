import { Failure } from '../activities/failures.ts';

/** The largest number that the ledger can give a line. */
export const MAX_LINE_NO = 2_147_483_647;

/** Reads `<owner id>#<line no>`; a line of another owner is named as the field at fault. */
export function lineNoOf(lineId: string, ownerId: string, path: string): number {
  const [owner, lineNo, ...rest] = lineId.split('#');
  const number = Number(lineNo);
  const isLineNo = Number.isInteger(number) && number >= 1 && number <= MAX_LINE_NO;
  if (owner !== ownerId || rest.length > 0 || !isLineNo) {
    throw new Failure('InvalidInput', `${lineId} is not a line of ${ownerId}`, path);
  }
  return number;
}
