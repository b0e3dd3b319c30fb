import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { startTalking, type TalkingProcess } from '../talking-process.ts';

/** What the callers of one process are to do with `count` orders: pay for them, then place them. */
export interface CallersTask {
  readonly step: 'authorize' | 'place';
  /** The orders' external ids begin with it; unique per process and burst. */
  readonly name: string;
  readonly count: number;
  readonly callers: number;
  readonly lines: number;
  /** How long a caller rests after each answer. */
  readonly pauseMs: number;
  /** Taken in turn. */
  readonly apiUrls: readonly string[];
  readonly apiKey: string;
  readonly gatewayUrl: string;
}

/** By the order's number in its burst. Times in milliseconds since 1970, so that processes compare. */
export interface Placed {
  readonly sentAt: readonly number[];
  readonly answeredAt: readonly number[];
  /** How long each answer took, more finely than the times tell. */
  readonly milliseconds: readonly number[];
  /** Answers that asked to come again later. */
  readonly refused: number;
}

export type CallersProcess = TalkingProcess<CallersTask, Placed>;

/** Starts a process of callers that post over HTTP. */
export function startCallers(): CallersProcess {
  return startTalking(join(PROJECT_FOLDER, 'bench', 'placement', 'callers-process.ts'));
}
