import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionName, whoDecides, type OpenApproval } from '../deciders/deciders.ts';
import type { OpenException } from '../replay/people.ts';
import type { ChaosStack } from './chaos-stack.ts';
import { chaosClient, type Client, type ClientCounts } from './client.ts';
import type { FactBook } from './facts.ts';
import { readNewLines } from './sim-books.ts';

const LOOK_MS = 500;
/** So often a person tries something again before taking another way. */
const MOST_RETRIES = 2;
/** A buyer may still answer a challenge; nobody gives up an order before this has passed. */
const PAYMENT_PATIENCE_MS = 4_000;
const SLOWEST_BUYER_MS = 7_000;
const DAY_MS = 86_400_000;
/** Share of levels that two people decide at once. */
const RIVALS = 0.5;

/** A defect of Loopline's: no person may wave it through, so it stays and is found at the end. */
const DEFECT_KINDS: ReadonlySet<string> = new Set(['workflow-failed', 'compensation-failed']);

export interface People {
  stop(): Promise<void>;
}

interface PeopleOptions {
  readonly stack: ChaosStack;
  readonly book: FactBook;
  readonly counts: ClientCounts;
  /** Those who decide, by the person's id. */
  readonly deciders: ReadonlyMap<string, Client>;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** Those who decide, operations with the exception board, and buyers who answer challenges. */
export function startPeople(options: PeopleOptions): People {
  const { stack, counts, log } = options;
  const clientAt = (start: number) =>
    chaosClient({ urls: stack.apiUrls, key: stack.apiKey, start, counts });
  const loops = [
    repeat(decisions(options, clientAt(0)), log),
    repeat(operations(options, clientAt(1)), log),
    repeat(buyers(options), log),
    repeat(carriersClock(options), log),
  ];
  return {
    stop: async () => {
      await Promise.all(loops.map((stop) => stop()));
    },
  };
}

type Work = (isOver: () => boolean) => Promise<void>;

function repeat(work: Work, log: (line: string) => void): () => Promise<void> {
  const stopping = new AbortController();
  const isOver = () => stopping.signal.aborted;
  const done = (async () => {
    while (!isOver()) {
      // A simulator that is down is asked again; anything else has to be seen.
      await work(isOver).catch((error: unknown) => {
        if (!isAway(error)) log(`people: ${String(error)}`);
      });
      await sleep(LOOK_MS);
    }
  })();
  return async () => {
    stopping.abort();
    await done;
  };
}

/**
 * Whoever is asked decides, level by level. Of many levels two people decide at once, each something else: one
 * of them counts. Who asked for something tries to decide it as well, and must not.
 */
function decisions(options: PeopleOptions, onlooker: Client): Work {
  const { book, deciders, seed } = options;
  return async (isOver) => {
    const open = await onlooker.list('/v1/approvals?state=open');
    for (const approval of open as unknown as OpenApproval[]) {
      const level = decisionName('level', approval);
      const decision = chanceOf(seed, level) < 0.8 ? 'approve' : 'reject';
      const isDisputed = chanceOf(seed, `${level} twice`) < RIVALS;
      const [first, second] = whoDecides(approval).map(({ personId }) => deciders.get(personId));
      const requester = deciders.get(approval.requestedBy);
      const sayAs = (name: string, client: Client | undefined, word: Word) =>
        client && say(options, client, { name, approval, word, patient: () => !isOver() });
      const [own, rivals] = await Promise.all([
        sayAs('own', requester, 'approve'),
        sayAs('rival', isDisputed ? second : undefined, opposite(decision)),
        sayAs('decide', first, decision),
      ]).then(([requesters, ...others]) => [requesters, others] as const);
      if (own !== undefined && own < 300) {
        book.contradiction(`${approval.id}: ${approval.requestedBy} decided what they asked for`);
      }
      if (rivals.filter((status) => status === 200).length > 1) {
        book.contradiction(`${level}: both who decided at once were told that it counts`);
      }
    }
  };
}

type Word = 'approve' | 'reject';

function opposite(word: Word): Word {
  return word === 'approve' ? 'reject' : 'approve';
}

/** Decides the level that was seen open; answers the status, or undefined when nobody answered. */
async function say(
  { book }: PeopleOptions,
  client: Client,
  said: {
    readonly name: string;
    readonly approval: OpenApproval;
    readonly word: Word;
    readonly patient: () => boolean;
  },
): Promise<number | undefined> {
  const { name, approval, word: decision, patient } = said;
  const { id, run, openLevels } = approval;
  const decisionId = decisionName(name, approval);
  // What is there without having been asked for is a difference, and so is the requester's own word.
  if (name !== 'own') book.asked('decision', decisionId);
  const path = `/v1/approvals/${encodeURIComponent(id)}/decisions`;
  const body = { decisionId, decision, run, level: openLevels[0] };
  const answer = await client.send('POST', path, body, patient);
  if (answer === undefined) return undefined;
  const { status, body: problem } = answer;
  if (status < 300) book.acknowledged('decision', { key: decisionId, id, detail: decision });
  else if (name !== 'own') book.refused('decision', status);
  // Whoever is asked may decide, or is told that it is decided.
  if (name !== 'own' && status >= 300 && status !== 409) {
    book.contradiction(`${decisionId} was refused: ${JSON.stringify(problem)}`);
  }
  return status;
}

function operations({ book, seed }: PeopleOptions, client: Client): Work {
  const retries = new Map<string, number>();
  return async (isOver) => {
    const open = (await client.list('/v1/exceptions?state=open')) as unknown as OpenException[];
    for (const exception of open) {
      const action = resolutionOf(exception, retries, seed);
      if (action === null) continue;
      const key = `resolve-${shorten(exception.id)}-${exception.reopened}`;
      book.asked('resolution', key);
      const path = `/v1/exceptions/${encodeURIComponent(exception.id)}/resolutions`;
      const answer = await client.send(
        'POST',
        path,
        { resolutionId: key, action },
        () => !isOver(),
      );
      if (answer === undefined) continue;
      if (answer.status >= 300) book.refused('resolution', answer.status);
      else book.acknowledged('resolution', { key, id: exception.id, detail: action });
    }
  };
}

/** By seed one of the actions offered; the same exception gets the same one when it has to be repeated. */
function resolutionOf(
  exception: OpenException,
  retries: Map<string, number>,
  seed: number,
): string | null {
  const { id, kind, subjectId, actions, raisedAt } = exception;
  if (DEFECT_KINDS.has(kind)) return null;
  if (kind === 'payment' && Date.now() - Date.parse(raisedAt) < PAYMENT_PATIENCE_MS) return null;
  const tried = retries.get(`${kind} ${subjectId}`) ?? 0;
  const ways = tried < MOST_RETRIES ? actions : actions.filter((action) => action !== 'retry');
  const offered = ways.length === 0 ? actions : ways;
  const action = offered[Math.floor(chanceOf(seed, id) * offered.length)] ?? null;
  if (action === 'retry') retries.set(`${kind} ${subjectId}`, tried + 1);
  return action;
}

/** Most pass their challenge; the gateway then tells Loopline. */
function buyers({ stack, seed }: PeopleOptions): Work {
  const { gateway } = stack.simulators;
  let cursor = 0;
  const challenged = new Map<string, number>();
  return async () => {
    const lines = await readNewLines(gateway, cursor);
    cursor = lines.at(-1)?.seq ?? cursor;
    for (const { fact } of lines) {
      if (fact['kind'] === 'authorization' && fact['status'] === 'challenge') {
        const id = String(fact['id']);
        challenged.set(id, Date.now() + thinkingMs(seed, id));
      }
    }
    for (const [id, answersAt] of challenged) {
      if (answersAt > Date.now()) continue;
      const response = await fetch(`${gateway}/_sim/authorizations/${id}/challenge-results`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ passed: chanceOf(seed, id) < 0.7 }),
        signal: AbortSignal.timeout(5_000),
      });
      // 409: it was answered, but its answer was lost.
      if (response.ok || response.status === 409) challenged.delete(id);
    }
  };
}

/** Some answer before Loopline has heard of the challenge, some after it was given up. */
function thinkingMs(seed: number, id: string): number {
  return Math.round(Math.max(0, chanceOf(seed, `${id} thinks`) * 1.25 - 0.25) * SLOWEST_BUYER_MS);
}

/** Parcels arrive days later by the carrier's clock, which nobody else moves. */
function carriersClock({ stack }: PeopleOptions): Work {
  return async () => {
    await fetch(`${stack.simulators.carrier}/_sim/advance`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ until: new Date(Date.now() + 4 * DAY_MS).toISOString() }),
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    await sleep(1_500);
  };
}

function isAway(error: unknown): boolean {
  return error instanceof Error && ['fetch failed', 'TimeoutError'].includes(nameOf(error));
}

function nameOf({ name, message }: Error): string {
  return name === 'TimeoutError' ? name : message;
}

/** Ids of decisions are letters, digits, dots, colons and dashes. */
function shorten(id: string): string {
  return id.replaceAll(/[^\w.:-]/g, '-').slice(-100);
}

/** In [0, 1), from a name, so that timing decides nothing. */
function chanceOf(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
