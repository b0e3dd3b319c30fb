import { Failure } from '../activities/failures.ts';

/** Reads `<owner id>#<line no>`; a line of another owner is named as the field at fault. */
export function lineNoOf(lineId: string, ownerId: string, path: string): number {
  const [owner, lineNo, ...rest] = lineId.split('#');
  const number = Number(lineNo);
  if (owner !== ownerId || rest.length > 0 || !Number.isInteger(number) || number < 1) {
    throw new Failure('InvalidInput', `${lineId} is not a line of ${ownerId}`, path);
  }
  return number;
}
