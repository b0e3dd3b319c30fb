import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { startTalking, type TalkingProcess } from '../talking-process.ts';

/** One explorer's part of a round, in a database of its own. */
export interface Share {
  /** Of the server, as its owner. */
  readonly url: string;
  readonly database: string;
  /** Calls at once. */
  readonly lanes: number;
  readonly compareEvery: number;
  readonly caseLength: number;
  readonly seed: number;
  readonly operations: number;
}

/** What it did. `difference` is null, or says after which operations ledger and model differ, and how. */
export interface ShareDone {
  readonly operations: number;
  readonly cases: number;
  readonly unanswered: number;
  readonly difference: string | null;
}

/** Starts a process that explores: the comparison of whole states is what takes the time. */
export function startExplorer(): TalkingProcess<Share, ShareDone> {
  return startTalking(join(PROJECT_FOLDER, 'bench', 'model', 'explorer-process.ts'));
}
