import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Ledger } from '../activities/ledger/connect.ts';
import type { By } from '../activities/ledger/by.ts';
import type { ApprovalReader } from '../activities/ledger/read/approval-sight.ts';
import type { WebhookSecrets } from '../activities/notify/webhook-secrets.ts';
import type { Principal } from '../rules/access/decide-access.ts';
import type { WebhookNetworks } from '../rules/notice/judge-webhook-url.ts';
import type { DecisionMessage, DecisionOutcome } from '../workflows/process/messages.ts';
import type { BrowserSession } from './access/authenticate.ts';
import type { FoundRoute, Refusal } from './access/found-route.ts';
import type { RowFilter } from './access/rows-within.ts';
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
  /**
   * Takes the workflow of a process back to just before a step was taken last; undefined when the engine did
   * not answer within the deadline (3 s), and it may be asked again.
   */
  reset(processId: string, request: ResetRequest): Promise<ResetOutcome | undefined>;
  /** Whether the engine answers. */
  ready(): Promise<boolean>;
}

/** Back to which step, and why; the same `repairId` resets once. */
export interface ResetRequest {
  readonly step: string;
  readonly reason: string;
  readonly repairId: string;
}

/** The run that goes on, or why none does. */
export type ResetOutcome =
  | { readonly state: 'done'; readonly runId: string }
  | { readonly state: 'failed'; readonly message: string };

/** What every route is given. */
export interface ApiContext {
  readonly ledger: Ledger;
  readonly engine: Engine;
  /** Now, RFC 3339 UTC; the only clock of the API, for facts that carry no `occurredAt`. */
  readonly now: () => string;
  /** Verifies what providers post to the webhooks. */
  readonly webhookSecret: string;
  /** Seals the secrets of the endpoints that we post to; without keys for that there can be none. */
  readonly webhooks?:
    | { readonly secrets: WebhookSecrets; readonly networks: WebhookNetworks }
    | undefined;
}

/** Values that the middlewares leave on a request. */
export interface RequestVariables {
  Variables: {
    requestId: string;
    /** Whoever sends the request; not there on routes that are open to everybody. */
    principal: Principal;
    /** The id of the principal. */
    actor: string;
    /** The same with the credential and the address, for the audit. */
    by: By;
    /** Where the request comes from; undefined where there is no connection. */
    sourceAddress?: string | undefined;
    /** The rule that has refused the request or an element of it; undefined where none has, or it has no name. */
    refusedBy?: string | undefined;
    /** Of a browser that shows a session's cookie. */
    session?: BrowserSession;
    /** The route that will answer; undefined where there is none. */
    route?: FoundRoute | undefined;
    /** What a list may show; undefined for everything. */
    within?: RowFilter | undefined;
    /** To whom a list of approvals is shown; undefined for whoever sees all of them. */
    reader?: ApprovalReader | undefined;
    /** The elements of the body, by position, that lie beyond the sender's reach. */
    refusedElements?: ReadonlyMap<number, Refusal>;
    /** What this process has under way. */
    load: Load;
    /** The field or header that a repeat of this request is recognised by. */
    naturalKey?: string;
  };
}

/** The app that routes register themselves with. */
export type Api = OpenAPIHono<RequestVariables>;
