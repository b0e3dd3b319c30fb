import { setTimeout as sleep } from 'node:timers/promises';
import { decisionName, whoDecides, type OpenApproval } from '../deciders/deciders.ts';
import type { HttpService } from './api-client.ts';
import type { Target } from './target.ts';

const LOOK_MS = 50;
const LONGEST_LOOK_MS = 100;

/** The simulated people: those who decide, and operations with the exception board. */
export interface People {
  /** Throws what made one of them stop: the replay must not go on without them. */
  assertWell(): void;
  /** Waits for what they are doing. */
  stop(): Promise<void>;
}

/** An exception as the API shows it, as far as it matters here. */
export interface OpenException {
  readonly id: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly actions: readonly string[];
  readonly evidence: unknown;
  readonly raisedAt: string;
  /** Each time that it came back it is resolved anew. */
  readonly reopened: number;
}

/** A defect of ours, not trouble of the trade: no person may wave it through. */
const DEFECTS = new Set(['workflow-failed', 'compensation-failed']);

/** In a replay the file is the fact, so nobody cancels, disputes or gives up. */
const PREFERRED = ['retry', 'release', 'wait', 'accept-short', 'accept'];

/** What a person does about an exception; null when nobody may do anything about it. */
export function resolutionOf(exception: OpenException): string | null {
  if (DEFECTS.has(exception.kind)) return null;
  // Waiting is for orders: for a write-off there is nothing to wait for.
  const isWriteOff =
    exception.kind === 'stock-short' && exception.subjectId.startsWith('stock-adjustment:');
  const wishes = isWriteOff ? ['accept-short'] : PREFERRED;
  return wishes.find((action) => exception.actions.includes(action)) ?? null;
}

/** Faults of simulated providers heal, so what is tried again in vain so often is a defect. */
const MOST_RETRIES = 5;

/** The replay met what no person may wave through; the message has the evidence. */
class DefectError extends Error {
  override readonly name = 'DefectError';
}

/** Lets all of them begin their work; it is repeated until stop(). Everything they do can be done twice. */
export function startPeople({ api, deciders }: Pick<Target, 'api' | 'deciders'>): People {
  const tried = new Map<string, Set<string>>();
  const loops = [
    repeat(async () => {
      const approvals = (await api.list('/v1/approvals?state=open')) as OpenApproval[];
      await Promise.all(approvals.map((approval) => approve(approval)));
      return approvals.length;
    }),
    repeat(async () => {
      const exceptions = (await api.list('/v1/exceptions?state=open')) as OpenException[];
      await Promise.all(exceptions.map((exception) => resolve(exception)));
      return exceptions.length;
    }),
  ];

  /**
   * Whoever is asked approves; a request of several levels is found again with the next one open. 202 means
   * that its process will take it; 409 that it is decided.
   */
  async function approve(approval: OpenApproval): Promise<void> {
    const decider = deciderOf(approval);
    const path = `/v1/approvals/${encodeURIComponent(approval.id)}/decisions`;
    const decisionId = decisionName('replay-approves', approval);
    const body = { decisionId, decision: 'approve', occurredAt: approval.requestedAt };
    await decider.call('POST', path, body, { accept: [409] });
  }

  function deciderOf(approval: OpenApproval): HttpService {
    const [first] = whoDecides(approval);
    const service = first && deciders.get(first.personId);
    if (service !== undefined) return service;
    throw new DefectError(`Nobody may decide ${JSON.stringify(approval)}`);
  }

  function isTriedInVain({ id, kind, subjectId, reopened }: OpenException): boolean {
    const key = `${kind} ${subjectId}`;
    const ids = (tried.get(key) ?? new Set()).add(`${id} ${reopened}`);
    tried.set(key, ids);
    return ids.size > MOST_RETRIES;
  }

  async function resolve(exception: OpenException): Promise<void> {
    const action = resolutionOf(exception);
    if (action === null || (action === 'retry' && isTriedInVain(exception))) {
      throw new DefectError(`Nobody may resolve ${JSON.stringify(exception)}`);
    }
    const path = `/v1/exceptions/${encodeURIComponent(exception.id)}/resolutions`;
    const resolutionId = `replay-resolves-${shorten(exception.id)}-${exception.reopened}`;
    const body = { resolutionId, action, occurredAt: exception.raisedAt };
    await api.call('POST', path, body, { accept: [409] });
  }

  return {
    assertWell: () => {
      for (const loop of loops) loop.assertWell();
    },
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** Ids of decisions are letters, digits, dots, colons and dashes. */
function shorten(id: string): string {
  return id.replaceAll(/[^\w.:-]/g, '-').slice(-100);
}

function repeat(work: () => Promise<number>) {
  let failure: unknown;
  const stopping = new AbortController();
  const done = (async () => {
    let pauseMs = LOOK_MS;
    while (!stopping.signal.aborted && failure === undefined) {
      try {
        pauseMs = (await work()) > 0 ? LOOK_MS : Math.min(pauseMs * 1.5, LONGEST_LOOK_MS);
        await sleep(pauseMs, undefined, { signal: stopping.signal });
      } catch (error) {
        if (!stopping.signal.aborted) failure = error;
      }
    }
  })();
  return {
    assertWell: () => {
      if (failure !== undefined) throw failure;
    },
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
