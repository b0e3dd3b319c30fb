import type { z } from 'zod';
import { happens, stableId } from '../faults.ts';
import { pageQuery } from '../fields.ts';
import { jsonResponse, parseWith, Problem } from '../problem.ts';
import { ProviderService } from '../service.ts';
import type { Outcome, SimulatorContext } from '../service.ts';
import { WebhookSender } from '../webhooks.ts';
import type { WebhookEvent } from '../webhooks.ts';
import { capturableMinor, Payments, paymentView, refundableMinor } from './payments.ts';
import type { AuthorizationStatus, GatewayFact, Payment } from './payments.ts';
import {
  amountBody,
  authorizationBody,
  challengeBody,
  gatewaySettings,
  startingGatewaySettings,
  voidBody,
} from './requests.ts';
import type { GatewaySettings } from './requests.ts';

type GatewayOutcome = Outcome<GatewayFact>;

/**
 * A payment gateway: authorizes, captures, voids and refunds, and sends webhooks.
 * Amounts are integer strings in minor units. Every mutating call needs an Idempotency-Key, and
 * ids follow from it. The gateway itself refuses (422) what is above a ceiling.
 */
export class GatewaySimulator {
  readonly #payments = new Payments();
  readonly #service: ProviderService<GatewaySettings, GatewayFact>;
  readonly #webhooks: WebhookSender;

  constructor(options: { readonly dataDir: string; readonly seed: number }) {
    this.#service = new ProviderService<GatewaySettings, GatewayFact>({
      name: 'gateway',
      dataDir: options.dataDir,
      settingsSchema: gatewaySettings,
      settings: startingGatewaySettings(options.seed),
      secretFields: ['webhookSecret'],
      apply: (fact) => this.#payments.apply(fact),
      clear: () => this.#payments.clear(),
    });
    this.#webhooks = new WebhookSender(
      () => this.#service.settings,
      (eventId, delivered) => this.#service.record({ kind: 'webhook-ended', eventId, delivered }),
    );
    this.#addPaymentRoutes();
    this.#addReadRoutes();
  }

  get app() {
    return this.#service.app;
  }

  /** Sends what a previous process booked and did not deliver. */
  start(): void {
    for (const { subject, event } of this.#payments.undelivered()) {
      this.#webhooks.send(subject, event);
    }
  }

  async stopWork(): Promise<void> {
    this.#webhooks.stop();
  }

  close(): void {
    this.#service.close();
  }

  #addPaymentRoutes(): void {
    const { app } = this.#service;
    app.post('/v1/authorizations', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(authorizationBody, rawBody);
      return this.#mutate(c, rawBody, body.token === 'tok_error_once', (key) =>
        this.#authorize(key, body),
      );
    });
    app.post('/v1/authorizations/:id/captures', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(amountBody, rawBody);
      const id = c.req.param('id');
      return this.#mutate(c, rawBody, false, (key) => this.#capture(key, id, body));
    });
    app.post('/v1/authorizations/:id/refunds', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(amountBody, rawBody);
      const id = c.req.param('id');
      return this.#mutate(c, rawBody, false, (key) => this.#refund(key, id, body));
    });
    app.post('/v1/authorizations/:id/voids', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(voidBody, rawBody);
      const id = c.req.param('id');
      return this.#mutate(c, rawBody, false, (key) => this.#void(key, id, body.reference));
    });
    app.post('/_sim/authorizations/:id/challenge-results', async (c) => {
      const { passed } = parseWith(challengeBody, await this.#service.readJson(c));
      return this.#completeChallenge(c.req.param('id'), passed);
    });
  }

  #addReadRoutes(): void {
    const { app } = this.#service;
    app.get('/v1/authorizations/:id', async (c) => {
      await this.#service.latency();
      return jsonResponse(200, paymentView(this.#find(c.req.param('id'))));
    });
    app.get('/v1/operations/:key', async (c) => {
      await this.#service.latency();
      const answer = this.#service.answerOf(c.req.param('key'));
      if (!answer) {
        throw new Problem(404, 'no operation has this key');
      }
      return jsonResponse(answer.status, answer.body);
    });
    app.get('/_sim/payments', (c) => {
      const { limit, cursor } = parseWith(pageQuery, c.req.query());
      const page = this.#payments.page(limit, cursor);
      return jsonResponse(200, {
        data: page.data.map(paymentView),
        nextCursor: page.nextCursor,
      });
    });
  }

  /** One mutation; its event goes out only when this call, and not a replay, booked it. */
  async #mutate(
    c: SimulatorContext,
    rawBody: unknown,
    failOnce: boolean,
    perform: (key: string) => GatewayOutcome,
  ): Promise<Response> {
    return this.#service.mutate(c, {
      rawBody,
      failOnce,
      perform: (key) => {
        const outcome = perform(key);
        this.#sendAfterBooking(outcome.fact);
        return outcome;
      },
    });
  }

  #authorize(key: string, body: z.infer<typeof authorizationBody>): GatewayOutcome {
    const id = stableId('auth_', key);
    const declineCode = this.#declineCode(key, body.token, body.amountMinor);
    const status = this.#authorizationStatus(body.token, body.amountMinor, declineCode);
    const decline = declineCode === undefined ? {} : { declineCode };
    const { reference, currency } = body;
    const amountMinor = body.amountMinor.toString();
    const type = status === 'declined' ? 'authorization.failed' : 'authorization.succeeded';
    const data = { authorizationId: id, reference, operationId: id, amountMinor, currency };
    return {
      status: 200,
      body: { id, status, ...decline },
      fact: {
        kind: 'authorization',
        id,
        reference,
        amountMinor,
        currency,
        token: body.token ?? null,
        status,
        ...decline,
        // A challenge has no result yet; its event follows when the buyer has answered.
        ...(status === 'challenge' ? {} : this.#event(type, data)),
      },
    };
  }

  #declineCode(key: string, token: string | undefined, amountMinor: bigint): string | undefined {
    const { seed, faults, amount_triggers: amountTriggers } = this.#service.settings;
    if (token === 'tok_insufficient') {
      return 'insufficient_funds';
    }
    const declined =
      token === 'tok_decline' ||
      (amountTriggers && amountMinor % 100n === 13n) ||
      happens(faults.declineRate, seed, 'decline', key);
    return declined ? 'do_not_honor' : undefined;
  }

  #authorizationStatus(
    token: string | undefined,
    amountMinor: bigint,
    declineCode: string | undefined,
  ): AuthorizationStatus {
    if (declineCode !== undefined) {
      return 'declined';
    }
    const challenged =
      token === 'tok_challenge' ||
      (this.#service.settings.amount_triggers && amountMinor % 100n === 17n);
    return challenged ? 'challenge' : 'authorized';
  }

  #capture(key: string, id: string, body: z.infer<typeof amountBody>): GatewayOutcome {
    const payment = this.#find(id);
    if (payment.status !== 'authorized') {
      throw new Problem(422, `the payment is not authorized: ${payment.status}`);
    }
    this.#refuseAbove(body.amountMinor, capturableMinor(payment), 'capturable');
    const outcome = this.#moneyMoved('capture', key, payment, body, 'tok_capture_fail');
    return payment.token === 'tok_capture_timeout' ? { ...outcome, timesOut: true } : outcome;
  }

  #refund(key: string, id: string, body: z.infer<typeof amountBody>): GatewayOutcome {
    const payment = this.#find(id);
    this.#refuseAbove(body.amountMinor, refundableMinor(payment), 'refundable');
    return this.#moneyMoved('refund', key, payment, body, 'tok_refund_fail');
  }

  #moneyMoved(
    kind: 'capture' | 'refund',
    key: string,
    payment: Payment,
    body: z.infer<typeof amountBody>,
    failingToken: string,
  ): GatewayOutcome {
    const id = stableId(kind === 'capture' ? 'cap_' : 'ref_', key);
    const failed = payment.token === failingToken;
    const result = failed
      ? { status: 'failed' as const, failureCode: 'processor_refused' }
      : { status: 'succeeded' as const };
    const { reference } = body;
    const amountMinor = body.amountMinor.toString();
    const authorizationId = payment.id;
    const { currency } = payment;
    const data = { authorizationId, reference, operationId: id, amountMinor, currency };
    return {
      status: 200,
      body: { id, ...result },
      fact: {
        kind,
        id,
        authorizationId,
        reference,
        amountMinor,
        ...result,
        ...this.#event(`${kind}.${result.status}`, data),
      },
    };
  }

  #void(key: string, authorizationId: string, reference: string): GatewayOutcome {
    const payment = this.#find(authorizationId);
    if (payment.status === 'declined') {
      throw new Problem(422, 'the payment is not authorized: declined');
    }
    const id = stableId('void_', key);
    const amountMinor = capturableMinor(payment).toString();
    const { currency } = payment;
    const data = { authorizationId, reference, operationId: id, amountMinor, currency };
    return {
      status: 200,
      body: { id, status: 'succeeded' },
      fact: {
        kind: 'void',
        id,
        authorizationId,
        reference,
        amountMinor,
        ...this.#event('void.succeeded', data),
      },
    };
  }

  #completeChallenge(authorizationId: string, passed: boolean): Response {
    const payment = this.#find(authorizationId);
    if (payment.status !== 'challenge' || payment.voided) {
      const why = payment.voided ? 'voided' : payment.status;
      throw new Problem(409, `the payment waits for no challenge: ${why}`);
    }
    const { reference, currency } = payment;
    const amountMinor = payment.requestedMinor.toString();
    const type = passed ? 'authorization.succeeded' : 'authorization.failed';
    const operationId = authorizationId;
    const data = { authorizationId, reference, operationId, amountMinor, currency };
    const fact: GatewayFact = {
      kind: 'challenge',
      authorizationId,
      passed,
      ...this.#event(type, data),
    };
    this.#service.record(fact);
    this.#sendAfterBooking(fact);
    return jsonResponse(200, paymentView(payment));
  }

  #refuseAbove(amountMinor: bigint, ceilingMinor: bigint, what: string): void {
    if (amountMinor > ceilingMinor) {
      const message = `${amountMinor} is above the ${what} amount of ${ceilingMinor}`;
      throw new Problem(422, message, [{ path: 'amountMinor', message }]);
    }
  }

  #find(id: string): Payment {
    const payment = this.#payments.get(id);
    if (!payment) {
      throw new Problem(404, `no authorization ${id}`);
    }
    return payment;
  }

  #event(type: string, data: { readonly operationId: string }): { readonly event?: WebhookEvent } {
    if (this.#service.settings.webhookUrl === null) {
      return {};
    }
    const id = stableId('evt_', type, data.operationId);
    return { event: { id, type, occurredAt: new Date().toISOString(), data } };
  }

  /** A turn later, so that the fact is in the book before anyone hears of it. */
  #sendAfterBooking(fact: GatewayFact): void {
    const { event } = fact;
    if (event) {
      const subject = fact.kind === 'authorization' ? fact.id : eventSubject(fact);
      setImmediate(() => this.#webhooks.send(subject, event));
    }
  }
}

function eventSubject(fact: GatewayFact): string {
  return 'authorizationId' in fact ? fact.authorizationId : '';
}
