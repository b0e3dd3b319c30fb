import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { inOneLine } from './in-one-line.ts';
import { connectTemporal, isAnswering } from './temporal-connection.ts';

/** So long a start waits for Temporal; a server that is up answers in a fraction of it. */
const FIRST_WAIT_MS = 3_000;
/** Between attempts, growing to the last; whoever waits for Temporal's return waits no longer than that. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000];
/** An attempt under way cannot be called off: a process that stops leaves it behind after so long. */
const ABANDON_MS = 2_000;
const ANSWER_DEADLINE_MS = 2_000;

/** Temporal as a process talks to it. */
export interface TemporalLink {
  readonly client: Client;
  readonly connection: NativeConnection;
  /** How the client writes payloads, for the worker to do the same; undefined leaves them readable. */
  readonly dataConverter?: DataConverter | undefined;
}

/** What runs over a link. */
export interface LinkedParts {
  /** Rejects when they cannot go on by themselves. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** A link to Temporal that is made as soon as there is a server, and what runs over it. */
export interface TemporalSession {
  /** Undefined as long as Temporal was not reached or what runs over it is not up. */
  link(): TemporalLink | undefined;
  /** Stops what runs and closes the connection, whether or not there ever was one. */
  stop(): Promise<void>;
}

interface SessionOptions {
  readonly address: string;
  readonly namespace: string;
  /** How payloads are written; left out, they are readable. */
  readonly dataConverter?: DataConverter | undefined;
  /** Called with every new link, and again when what it started could not go on. */
  readonly run: (link: TemporalLink) => Promise<LinkedParts>;
  readonly log: (line: string) => void;
}

/**
 * Reaches Temporal, or goes on trying in the background with a line in the log for each attempt. Throws
 * only when a server answers at once and its refusal is about something else, such as an unknown namespace.
 */
export async function openTemporalSession(options: SessionOptions): Promise<TemporalSession> {
  const stopping = new AbortController();
  const state: State = { connection: undefined, link: undefined, parts: undefined };
  const first = linkUp(options, state);
  await awaitFirst(options, state, first);
  const done = keepUp(options, state, stopping.signal, first);
  return {
    link: () => state.link,
    stop: async () => {
      stopping.abort();
      await state.parts?.stop();
      const late = sleep(ABANDON_MS, false, { ref: false });
      if (await Promise.race([done.then(() => true), late])) await state.connection?.close();
    },
  };
}

interface State {
  connection: NativeConnection | undefined;
  link: TemporalLink | undefined;
  parts: LinkedParts | undefined;
}

/** Waits for the first attempt for a while; throws where another attempt would not help. */
async function awaitFirst(
  { address, log }: SessionOptions,
  state: State,
  first: Promise<void>,
): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(FIRST_WAIT_MS, undefined, { signal: waiting.signal }).then(
    () => log(`Temporal at ${address} has not answered yet. It is waited for.`),
    () => undefined,
  );
  try {
    await Promise.race([first, late]);
  } catch (error) {
    if (await isAnswering(state.connection, ANSWER_DEADLINE_MS)) throw error;
  } finally {
    waiting.abort();
  }
}

/** Links up again and again, beginning with the attempt under way, until it is told to stop. */
async function keepUp(
  options: SessionOptions,
  state: State,
  stopping: AbortSignal,
  first: Promise<void>,
): Promise<void> {
  const { address, log } = options;
  let failures = 0;
  for (let attempt = first; ; attempt = linkUp(options, state)) {
    try {
      await attempt;
      if (failures > 0) log(`Temporal at ${address} is reached.`);
      failures = 0;
      // It was told to stop before there was anything to stop.
      if (stopping.aborted) await state.parts?.stop();
      await state.parts?.ended;
      return;
    } catch (error) {
      state.link = undefined;
      state.parts = undefined;
      if (stopping.aborted) return;
      const pauseMs = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0;
      failures += 1;
      log(
        `Temporal at ${address} cannot be used: ${inOneLine(error)}. Next attempt in ${pauseMs / 1_000} s.`,
      );
      await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
      if (stopping.aborted) return;
    }
  }
}

async function linkUp(
  { address, namespace, dataConverter, run }: SessionOptions,
  state: State,
): Promise<void> {
  state.connection ??= await connectTemporal(address);
  const { connection } = state;
  const converter = dataConverter === undefined ? {} : { dataConverter };
  const link = {
    connection,
    client: new Client({ connection, namespace, ...converter }),
    ...converter,
  };
  state.parts = await run(link);
  state.link = link;
}
