import { rolesWith } from '../../../rules/access/roles.ts';
import { maySnooze } from '../../../rules/exception/may-snooze.ts';
import { RESOLUTION_SCOPES } from '../../../rules/exception/resolution-scopes.ts';
import type { ExceptionOwner } from '../../../rules/policy/exception-catalogue.ts';
import type { Ledger } from '../connect.ts';
import { readException, type BoardException } from '../read/exception.ts';

/** `applied` is false where the entry's state does not allow it: closed, merged, or somebody else's. */
export interface BoardAct {
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly exception: BoardException;
}

/** Who acts on which entry, and when. */
interface Act {
  readonly exceptionId: string;
  readonly actor: string;
  /** When the person acted, RFC 3339; no part of what a repeat has to match. */
  readonly occurredAt?: string | undefined;
  /** When the API heard of it: counts where occurredAt is missing. */
  readonly at: string;
}

/** Times that a snooze is tried again because somebody else snoozed the entry meanwhile. */
const MOST_RACES = 3;

/** Takes an entry on. Idempotent by claimId. Errors: NotFound, IdempotencyMismatch. */
export function claimException(
  ledger: Ledger,
  request: Act & { claimId: string; note?: string | undefined },
): Promise<BoardAct> {
  return ledger.call('claim_exception', request);
}

/**
 * Gives an entry to a person who may resolve it, or with `assignee` null back to its role; `owner` gives it to another role.
 * Idempotent by assignmentId. Errors: NotFound, InvalidInput (assignee), IdempotencyMismatch.
 */
export async function assignException(
  ledger: Ledger,
  request: Act & {
    assignmentId: string;
    assignee: string | null;
    owner?: ExceptionOwner | undefined;
    note?: string | undefined;
  },
): Promise<BoardAct> {
  if (request.assignee === null) return ledger.call('assign_exception', request);
  const { kind } = await readException(ledger, request);
  const scope = RESOLUTION_SCOPES[kind];
  const decision = { scope, roles: scope === undefined ? [] : rolesWith(scope) };
  return ledger.call('assign_exception', { ...request, decision });
}

/** Says something about an entry, also a closed one. Idempotent by commentId. Errors: NotFound, IdempotencyMismatch. */
export function commentException(
  ledger: Ledger,
  request: Act & { commentId: string; text: string },
): Promise<BoardAct> {
  return ledger.call('comment_exception', request);
}

/**
 * Puts an entry aside until a time, as far as its limits allow. The due date stays. Idempotent by snoozeId.
 * Errors: NotFound, InvalidInput (wakeAt), IdempotencyMismatch.
 */
export async function snoozeException(
  ledger: Ledger,
  request: Act & { snoozeId: string; wakeAt: string; reason: string },
): Promise<BoardAct> {
  const { exceptionId, wakeAt, at } = request;
  for (let race = 1; ; race += 1) {
    const { snoozes, snoozeLimit, snoozeHours } = await readException(ledger, { exceptionId });
    const decision = maySnooze({
      snoozes,
      snoozeLimit,
      snoozeHours,
      wakeAtMs: Date.parse(wakeAt),
      nowMs: Date.parse(at),
    });
    const answer = await ledger.call<BoardAct & { stale?: true }>('snooze_exception', {
      ...request,
      snoozesSeen: snoozes,
      decision,
    });
    if (answer.stale === undefined || race >= MOST_RACES) return answer;
  }
}

/**
 * Says that another entry is the same trouble: closing this one closes that one, for its own subject.
 * Idempotent by mergeId. Errors: NotFound, InvalidInput (duplicateId), IdempotencyMismatch.
 */
export function mergeExceptions(
  ledger: Ledger,
  request: Act & { mergeId: string; duplicateId: string; note?: string | undefined },
): Promise<BoardAct> {
  return ledger.call('merge_exceptions', request);
}
