import type { ExceptionState } from '../../../rules/exception/states.ts';
import type { Json, Ledger } from '../connect.ts';

/** Trouble on the exception board; `actions` are what may resolve it. */
export interface BoardException {
  readonly id: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly processId: string | null;
  readonly owner: string;
  readonly severity: 'low' | 'normal' | 'high';
  readonly state: ExceptionState;
  readonly evidence: Record<string, Json>;
  readonly actions: string[];
  readonly resolution: string | null;
  readonly resolvedBy: string | null;
  readonly note: string | null;
  readonly raisedAt: string;
  readonly dueAt: string;
  readonly resolvedAt: string | null;
  readonly recordedAt: string;
}

/** One exception. Errors: NotFound. */
export function readException(
  ledger: Ledger,
  request: { exceptionId: string },
): Promise<BoardException> {
  return ledger.call('read_exception', request);
}

/** Exceptions newest first. Errors: InvalidInput (cursor). */
export function listExceptions(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: ExceptionState | undefined;
    kind?: string | undefined;
    owner?: string | undefined;
    subjectId?: string | undefined;
  },
): Promise<{ data: BoardException[]; nextCursor: string | null }> {
  return ledger.call('list_exceptions', request);
}
