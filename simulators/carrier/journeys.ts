import { happens, seededFraction, seededInteger } from '../faults.ts';

const DAY_MS = 86_400_000;

export const SERVICES = {
  standard: { days: 3, amountMinor: 395n },
  express: { days: 1, amountMinor: 895n },
} as const;

export type ServiceName = keyof typeof SERVICES;

export type TrackingStatus = 'label-created' | 'in-transit' | 'delivered' | 'lost';

export type TrackingEvent = { readonly status: TrackingStatus; readonly occurredAt: string };

/**
 * Everything that will happen to a parcel, planned when its label is made.
 * Depends on the seed and the tracking number alone. A lost parcel is reported ten days after it
 * was last seen.
 */
export function planJourney(input: {
  readonly seed: number;
  readonly lostRate: number;
  readonly trackingNumber: string;
  readonly service: ServiceName;
  readonly createdAt: string;
}): readonly TrackingEvent[] {
  const { seed, trackingNumber } = input;
  const createdMs = Date.parse(input.createdAt);
  const pickedUpMs = createdMs + seededInteger(2, 20, seed, trackingNumber, 'pick-up') * 3_600_000;
  const travelDays =
    SERVICES[input.service].days * (0.75 + seededFraction(seed, trackingNumber, 'travel') / 2);
  const lost = happens(input.lostRate, seed, trackingNumber, 'lost');
  const endMs = pickedUpMs + (lost ? 10 : travelDays) * DAY_MS;
  return [
    { status: 'label-created', occurredAt: timestamp(createdMs) },
    { status: 'in-transit', occurredAt: timestamp(pickedUpMs) },
    { status: lost ? 'lost' : 'delivered', occurredAt: timestamp(endMs) },
  ];
}

/** Price in minor units: the service, half as much again abroad, and 100 per kilogram above one. */
export function rateMinor(service: ServiceName, abroad: boolean, weightGrams: number): bigint {
  const base = SERVICES[service].amountMinor;
  const kilogramsAbove = BigInt(Math.max(0, Math.ceil(weightGrams / 1000) - 1));
  return (abroad ? (base * 3n) / 2n : base) + kilogramsAbove * 100n;
}

function timestamp(ms: number): string {
  return new Date(Math.round(ms / 1000) * 1000).toISOString();
}
