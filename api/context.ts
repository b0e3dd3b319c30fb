import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Ledger } from '../activities/ledger/connect.ts';
import type { DecisionMessage, DecisionOutcome } from '../workflows/process/messages.ts';
import type { Load } from './load.ts';

/** A process whose workflow may have to be started: its id is the workflow id. */
export interface StartableProcess {
  readonly processId: string;
  readonly kind: string;
  readonly attributes?: { readonly [name: string]: unknown };
}

/** What the API asks of the engine; none of it is needed to answer a caller. */
export interface Engine {
  /** Starts the process's workflow soon, if there is room; otherwise the dispatcher will. Never throws. */
  start(process: StartableProcess): void;
  /** Says that the outbox has something; the dispatcher looks at once. Never throws. */
  nudge(): void;
  /**
   * Sends a stored decision to its workflow, which is started for it when it has not been yet; undefined
   * when nobody answered within the deadline (3 s).
   */
  decide(process: StartableProcess, message: DecisionMessage): Promise<DecisionOutcome | undefined>;
  /** Whether the engine answers. */
  ready(): Promise<boolean>;
}

/** What every route is given. */
export interface ApiContext {
  readonly ledger: Ledger;
  readonly engine: Engine;
  /** Now, RFC 3339 UTC; the only clock of the API, for facts that carry no `occurredAt`. */
  readonly now: () => string;
  /** Verifies what providers post to the webhooks. */
  readonly webhookSecret: string;
}

/** Values that the middlewares leave on a request. */
export interface RequestVariables {
  Variables: {
    requestId: string;
    actor: string;
    /** What this process has under way. */
    load: Load;
    /** The field or header that a repeat of this request is recognised by. */
    naturalKey?: string;
  };
}

/** The app that routes register themselves with. */
export type Api = OpenAPIHono<RequestVariables>;
