import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { startTalking, type TalkingProcess } from '../talking-process.ts';

/** Orders to be sent by the clock. */
export interface SendTask {
  /** Begins their external ids. */
  readonly part: string;
  readonly count: number;
  readonly durationMs: number;
  readonly apiUrl: string;
  readonly apiKey: string;
}

/** By the order's number. Times in milliseconds since 1970. */
export interface Sent {
  readonly scheduledAt: readonly number[];
  readonly answeredAt: readonly number[];
  readonly hours: readonly number[];
  /** From the connection that took the order to its answer, without the wait for one. */
  readonly servedMs: readonly number[];
  /** The same of each answer that asked to come again later. */
  readonly refusedMs: readonly number[];
}

/** Starts a process that sends a real month's orders by a schedule, whether or not those before are answered. */
export function startSender(): TalkingProcess<SendTask, Sent> {
  return startTalking(join(PROJECT_FOLDER, 'bench', 'day', 'sender-process.ts'));
}
