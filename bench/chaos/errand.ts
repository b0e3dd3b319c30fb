import type { Answer } from './client.ts';
import type { Acknowledged, FactKind } from './facts.ts';

/** One thing asked for, by the caller's own name. */
export interface Asked {
  readonly kind: FactKind;
  readonly key: string;
}

/** What an answer says of one thing asked for. */
export type Told =
  | { readonly kind: FactKind; readonly acknowledged: Acknowledged }
  | { readonly kind: FactKind; readonly refused: number }
  /** What no caller may be told. */
  | { readonly kind: FactKind; readonly contradiction: string };

/** A request and what it asks for; it may be sent again with the same content as often as wanted. */
export interface Errand {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object | undefined;
  readonly asks: readonly Asked[];
  /** The person who asks; a connector where it is left out. */
  readonly by?: string;
  told(answer: Answer): readonly Told[];
}

/** A request for one thing, whose promise is read from a 2xx answer. */
export function oneErrand(
  kind: FactKind,
  key: string,
  request: Pick<Errand, 'path' | 'body' | 'by'>,
  promise: (body: Answer['body']) => Omit<Acknowledged, 'key'>,
): Errand {
  return {
    method: 'POST',
    ...request,
    asks: [{ kind, key }],
    told: ({ status, body }) => [
      status < 300 ? { kind, acknowledged: { key, ...promise(body) } } : { kind, refused: status },
    ],
  };
}

/** Loopline's own name in an answer. */
export function idIn(body: Answer['body']): string | null {
  return typeof body['id'] === 'string' ? body['id'] : null;
}
