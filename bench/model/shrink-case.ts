import type { Disagreement, Throw } from './run-case.ts';

/** Throws after which ledger and model disagree, and how. */
export interface FailingCase {
  readonly throws: readonly Throw[];
  readonly error: Disagreement;
}

/** Shrinking ends after this; what was found by then is told. */
const SHRINK_MS = 120_000;

/**
 * Makes a failing case smaller as long as it still fails, in whatever way: what came after the failure goes
 * first, then parts of it in halves down to single operations, then the choices become the plainest.
 */
export async function shrinkCase(
  found: FailingCase,
  fails: (throws: readonly Throw[]) => Promise<Disagreement | null>,
): Promise<FailingCase> {
  const deadline = performance.now() + SHRINK_MS;
  let smallest: FailingCase = cutOff(found);
  const tryOut = async (throws: readonly Throw[]): Promise<boolean> => {
    const error = performance.now() < deadline ? await fails(throws) : null;
    if (error !== null) smallest = cutOff({ throws, error });
    return error !== null;
  };
  for (let before = -1; before !== sizeOf(smallest);) {
    before = sizeOf(smallest);
    await removeParts(() => smallest.throws, tryOut);
    await simplify(() => smallest.throws, tryOut);
  }
  return smallest;
}

function cutOff({ throws, error }: FailingCase): FailingCase {
  return { throws: throws.slice(0, error.throws), error };
}

/** Fewer operations first, then smaller choices. */
function sizeOf({ throws }: FailingCase): number {
  const chosen = throws.flatMap(({ numbers }) => numbers.filter((number) => number > 0));
  return throws.length * 100_000 + chosen.length;
}

type TryOut = (throws: readonly Throw[]) => Promise<boolean>;

async function removeParts(now: () => readonly Throw[], tryOut: TryOut): Promise<void> {
  for (let part = Math.ceil(now().length / 2); part >= 1; part = Math.floor(part / 2)) {
    // From the end, as what lies behind a removed part keeps its place.
    for (let start = now().length - part; start > -part; start -= part) {
      const from = Math.max(0, start);
      const smaller = now().toSpliced(from, Math.min(part, start + part));
      if (smaller.length < now().length) await tryOut(smaller);
    }
  }
}

/** All numbers of an operation become 0, or as many of them as can. */
async function simplify(now: () => readonly Throw[], tryOut: TryOut): Promise<void> {
  for (let index = 0; index < now().length; index += 1) {
    const plain = replaced(now(), index, () => 0);
    if (plain === undefined || (await tryOut(plain))) continue;
    const places = now()[index]?.numbers.length ?? 0;
    for (let place = 0; place < places; place += 1) {
      const plainer = replaced(now(), index, (number, at) => (at === place ? 0 : number));
      if (plainer !== undefined) await tryOut(plainer);
    }
  }
}

/** Undefined where nothing changes. */
function replaced(
  throws: readonly Throw[],
  index: number,
  by: (number: number, at: number) => number,
): Throw[] | undefined {
  const one = throws[index];
  if (one === undefined) return undefined;
  const numbers = one.numbers.map(by);
  if (numbers.every((number, at) => number === one.numbers[at])) return undefined;
  return throws.with(index, { ...one, numbers });
}
