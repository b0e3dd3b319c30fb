import { z } from 'zod';
import { stableId } from '../faults.ts';
import {
  advanceBody,
  baseFaults,
  baseSettings,
  country,
  HANG_MS,
  instant,
  NO_FAULTS,
  share,
  text,
  webhookAttempts,
} from '../fields.ts';
import { jsonResponse, parseWith, Problem } from '../problem.ts';
import { ProviderService } from '../service.ts';
import type { Outcome } from '../service.ts';
import { WebhookSender } from '../webhooks.ts';
import type { WebhookEvent } from '../webhooks.ts';
import { planJourney, rateMinor, SERVICES } from './journeys.ts';
import type { ServiceName, TrackingEvent } from './journeys.ts';
import { renderLabel } from './label-pdf.ts';
import type { Label } from './label-pdf.ts';

const carrierSettings = z.strictObject({
  ...baseSettings,
  lostRate: share,
  webhookUrl: z.url().nullable(),
  webhookSecret: z.string().min(1),
  webhookAttempts,
  faults: z.strictObject({
    ...baseFaults,
    webhookDuplicateRate: share,
    webhookReorderRate: share,
  }),
});
type CarrierSettings = z.infer<typeof carrierSettings>;

const place = z.object({ country, postalCode: z.string().max(20).optional() });
const parcels = z
  .array(z.object({ weightGrams: z.int().min(0).max(10_000_000).optional() }))
  .min(1)
  .max(1_000);

const ratesBody = z.object({
  from: place.optional(),
  to: place,
  parcels: parcels.default([{}]),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('GBP'),
});

const labelBody = z.object({
  reference: text,
  service: z.enum(['standard', 'express']).default('standard'),
  from: place,
  to: place,
  parcels,
  direction: z.enum(['outbound', 'return']),
  /** Business time of the label; without it the carrier's own clock. */
  occurredAt: instant.optional(),
});

type CarrierFact =
  | { readonly kind: 'label'; readonly label: Label; readonly journey: readonly TrackingEvent[] }
  | { readonly kind: 'clock'; readonly until: string }
  | { readonly kind: 'tracking'; readonly trackingNumber: string; readonly event?: WebhookEvent }
  | { readonly kind: 'webhook-ended'; readonly eventId: string; readonly delivered: boolean };

type Parcel = {
  readonly label: Label;
  readonly journey: readonly TrackingEvent[];
  /** How many events of the journey have happened; the label itself is the first. */
  reached: number;
};

/** A parcel carrier on a business clock that stands still until it is told to advance. */
export class CarrierSimulator {
  readonly #parcels = new Map<string, Parcel>();
  readonly #travelling = new Set<Parcel>();
  readonly #trackingNumbers = new Map<string, string>();
  readonly #undelivered = new Map<string, { subject: string; event: WebhookEvent }>();
  #clock: string | null = null;
  readonly #service: ProviderService<CarrierSettings, CarrierFact>;
  readonly #webhooks: WebhookSender;

  constructor(options: { readonly dataDir: string; readonly seed: number }) {
    this.#service = new ProviderService<CarrierSettings, CarrierFact>({
      name: 'carrier',
      dataDir: options.dataDir,
      settingsSchema: carrierSettings,
      settings: {
        seed: options.seed,
        latencyMs: 2,
        hangMs: HANG_MS,
        lostRate: 0,
        webhookUrl: null,
        webhookSecret: 'simulator-webhook-secret',
        webhookAttempts: 7,
        faults: { ...NO_FAULTS, webhookDuplicateRate: 0, webhookReorderRate: 0 },
      },
      secretFields: ['webhookSecret'],
      apply: (fact) => this.#apply(fact),
      clear: () => this.#clear(),
    });
    this.#webhooks = new WebhookSender(
      () => this.#service.settings,
      (eventId, delivered) => this.#service.record({ kind: 'webhook-ended', eventId, delivered }),
    );
    this.#addRoutes();
  }

  get app() {
    return this.#service.app;
  }

  /** Sends what a previous process booked and did not deliver. */
  start(): void {
    for (const { subject, event } of this.#undelivered.values()) {
      this.#webhooks.send(subject, event);
    }
  }

  async stopWork(): Promise<void> {
    this.#webhooks.stop();
  }

  close(): void {
    this.#service.close();
  }

  #addRoutes(): void {
    const { app } = this.#service;
    app.post('/v1/rates', async (c) => {
      const body = parseWith(ratesBody, await this.#service.readJson(c));
      await this.#service.latency();
      return jsonResponse(200, { rates: ratesFor(body) });
    });
    app.post('/v1/labels', async (c) => {
      const rawBody = await this.#service.readJson(c);
      const body = parseWith(labelBody, rawBody);
      const { origin } = new URL(c.req.url);
      return this.#service.mutate(c, {
        rawBody,
        perform: (key) => this.#makeLabel(key, body, origin),
      });
    });
    app.get('/v1/labels/:file{.+\\.pdf}', async (c) => {
      await this.#service.latency();
      const trackingNumber = this.#trackingNumbers.get(c.req.param('file').slice(0, -4));
      const pdf = await renderLabel(this.#find(trackingNumber ?? '').label);
      return new Response(Buffer.from(pdf), { headers: { 'Content-Type': 'application/pdf' } });
    });
    app.get('/v1/tracking/:trackingNumber', async (c) => {
      await this.#service.latency();
      const { label, journey, reached } = this.#find(c.req.param('trackingNumber'));
      const events = journey.slice(0, reached);
      return jsonResponse(200, {
        trackingNumber: label.trackingNumber,
        labelId: label.id,
        reference: label.reference,
        status: events.at(-1)?.status ?? 'label-created',
        events,
      });
    });
    app.post('/_sim/advance', async (c) => {
      const { until } = parseWith(advanceBody, await this.#service.readJson(c));
      return jsonResponse(200, this.#advance(until));
    });
  }

  #makeLabel(key: string, body: z.infer<typeof labelBody>, origin: string): Outcome<CarrierFact> {
    const { seed, lostRate } = this.#service.settings;
    const id = stableId('lbl_', key);
    const trackingNumber = stableId('TRK-', key).slice(0, 16).toUpperCase();
    const createdAt = body.occurredAt ?? this.#clock ?? new Date().toISOString();
    const { reference, service, direction } = body;
    const label: Label = {
      id,
      trackingNumber,
      reference,
      service,
      direction,
      fromCountry: body.from.country,
      toCountry: body.to.country,
      toPostalCode: body.to.postalCode ?? null,
      parcelCount: body.parcels.length,
      createdAt,
    };
    const journey = planJourney({ seed, lostRate, trackingNumber, service, createdAt });
    return {
      status: 200,
      body: { id, trackingNumber, labelUrl: `${origin}/v1/labels/${id}.pdf` },
      fact: { kind: 'label', label, journey },
    };
  }

  /** Lets every planned event up to the time happen, in order of time. */
  #advance(until: string): object {
    this.#service.record({ kind: 'clock', until });
    const due = [...this.#travelling]
      .flatMap((parcel) => parcel.journey.slice(parcel.reached).map((event) => ({ parcel, event })))
      .filter(({ event }) => Date.parse(event.occurredAt) <= Date.parse(until))
      .toSorted((a, b) => Date.parse(a.event.occurredAt) - Date.parse(b.event.occurredAt));
    for (const { parcel, event } of due) {
      this.#reach(parcel, event);
    }
    return { until, updates: due.length, travelling: this.#travelling.size };
  }

  #reach(parcel: Parcel, reached: TrackingEvent): void {
    const { trackingNumber, id: labelId, reference, direction } = parcel.label;
    const { status, occurredAt } = reached;
    const webhook =
      this.#service.settings.webhookUrl === null
        ? {}
        : {
            event: {
              id: stableId('evt_', 'tracking.updated', trackingNumber, status),
              type: 'tracking.updated',
              occurredAt,
              data: { trackingNumber, labelId, reference, direction, status },
            },
          };
    this.#service.record({ kind: 'tracking', trackingNumber, ...webhook });
    if (webhook.event) {
      this.#webhooks.send(trackingNumber, webhook.event);
    }
  }

  #find(trackingNumber: string): Parcel {
    const parcel = this.#parcels.get(trackingNumber);
    if (!parcel) {
      throw new Problem(404, 'no such label or parcel');
    }
    return parcel;
  }

  #apply(fact: CarrierFact): void {
    if (fact.kind === 'label') {
      const parcel = { label: fact.label, journey: fact.journey, reached: 1 };
      this.#parcels.set(fact.label.trackingNumber, parcel);
      this.#trackingNumbers.set(fact.label.id, fact.label.trackingNumber);
      this.#travelling.add(parcel);
    } else if (fact.kind === 'clock') {
      this.#clock = fact.until;
    } else if (fact.kind === 'webhook-ended') {
      this.#undelivered.delete(fact.eventId);
    } else {
      this.#applyTracking(fact);
    }
  }

  #applyTracking(fact: Extract<CarrierFact, { kind: 'tracking' }>): void {
    const parcel = this.#parcels.get(fact.trackingNumber);
    if (parcel) {
      parcel.reached += 1;
      if (parcel.reached >= parcel.journey.length) {
        this.#travelling.delete(parcel);
      }
    }
    if (fact.event) {
      this.#undelivered.set(fact.event.id, { subject: fact.trackingNumber, event: fact.event });
    }
  }

  #clear(): void {
    this.#parcels.clear();
    this.#travelling.clear();
    this.#trackingNumbers.clear();
    this.#undelivered.clear();
    this.#clock = null;
  }
}

function ratesFor(body: z.infer<typeof ratesBody>): readonly object[] {
  const abroad = body.from !== undefined && body.from.country !== body.to.country;
  const weightGrams = body.parcels.reduce((sum, parcel) => sum + (parcel.weightGrams ?? 500), 0);
  const names = Object.keys(SERVICES) as ServiceName[];
  return names.map((service) => ({
    service,
    amountMinor: rateMinor(service, abroad, weightGrams).toString(),
    currency: body.currency,
    days: SERVICES[service].days,
  }));
}
