import { Failure } from '../activities/failures.ts';
import {
  putJudgedRecords,
  type JudgedRecord,
  type EditResult,
} from '../activities/ledger/intake/master-data.ts';
import {
  readMasterDataSnapshot,
  type MasterDataSnapshot,
} from '../activities/ledger/read/master-data-change.ts';
import { judgeEdit, type MasterRecord } from '../rules/master-data/judge-edit.ts';
import type { RecordNoun } from '../rules/master-data/record-fields.ts';
import type { ApiContext } from './context.ts';

/** Rounds of looking and writing while others write the same records. */
const MAX_ROUNDS = 5;

/**
 * Creates or replaces records for `actor`; one result each, in order. What the approval matrix asks about waits for
 * its approval, the rest is written at once. Errors: SerializationConflict.
 */
export async function editMasterData(
  { ledger, engine, now }: ApiContext,
  noun: RecordNoun,
  actor: string,
  elements: readonly object[],
): Promise<EditResult[]> {
  const wanted = elements.map((element) => element as MasterRecord);
  const keys = wanted.map((element) => keyOf(element, noun));
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const at = now();
    const snapshot = await readMasterDataSnapshot(ledger, { noun, keys, at });
    const records = judgeAll(snapshot, { noun, actor, at, keys, wanted });
    const answer = await putJudgedRecords(ledger, noun, { records, at });
    if (answer.moved === true) continue;
    // Its approval reminds and expires by itself; where it runs already, it goes on.
    for (const { approvalId } of answer.results) {
      if (approvalId !== undefined) engine.start({ processId: approvalId, kind: 'approval' });
    }
    return answer.results;
  }
  throw new Failure('SerializationConflict', `too many write the same ${noun} at once`);
}

function keyOf(element: MasterRecord, noun: RecordNoun): string {
  const key = element[noun];
  if (typeof key !== 'string') throw new Error(`a ${noun} without its key`);
  return key;
}

function judgeAll(
  { currency, matrices, elements }: MasterDataSnapshot,
  asked: {
    readonly noun: RecordNoun;
    readonly actor: string;
    readonly at: string;
    readonly keys: readonly string[];
    readonly wanted: readonly MasterRecord[];
  },
): JudgedRecord[] {
  const { noun, actor, keys, wanted } = asked;
  const atMs = Date.parse(asked.at);
  return elements.map(({ record, channel, region, risk, matrix: version }, at) => {
    const [key, after, document] = [keys[at], wanted[at], matrices[version]];
    if (key === undefined || after === undefined || document === undefined)
      throw new Error(`the ledger answered other records than ${noun}s that it was asked for`);
    const edit = { noun, before: record, after, channel, region, risk, currency, atMs, actor };
    return { key, seen: record, ...judgeEdit({ version, document }, edit) };
  });
}
