import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import {
  mergeExceptions,
  snoozeException,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { readException } from '../../activities/ledger/read/exception.ts';
import { escalateExceptions } from '../../activities/ledger/steps/exception-clock.ts';
import { dueAt } from '../../rules/exception/sla.ts';
import { DEFAULT_EXCEPTION_CATALOGUE } from '../../rules/policy/default-exception-catalogue.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { entry, eventsOf, hoursOn, MONDAY, placeFor, raise } from './board.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger({ connections: 4 });
});
afterEach(() => shop.close());

const clockAt = (hours: number) => runDues(shop.ledger, { until: hoursOn(hours), limit: 100 });
const snooze = (exceptionId: string, hours: number) =>
  snoozeException(shop.ledger, {
    exceptionId,
    snoozeId: `s${hours}`,
    wakeAt: hoursOn(hours),
    reason: 'asked',
    actor: 'olga',
    at: MONDAY,
  });

describe('an SLA', () => {
  test('of every kind and class is the rule’s', async () => {
    const classes = ['standard', 'express'];
    for (const orderClass of classes)
      await placeFor(shop.owner, {
        id: `order:web:${orderClass}`,
        channel: 'web',
        country: 'GB',
        node: 'main',
        orderClass,
      });
    const kinds = Object.entries(DEFAULT_EXCEPTION_CATALOGUE.kinds);
    for (const [kind, given] of kinds) {
      for (const orderClass of classes) {
        const id = await raise(shop, { kind, subject: `order:web:${orderClass}` });
        const due = new Date(dueAt(given, orderClass, Date.parse(MONDAY))).toISOString();
        expect(await entry(shop, id), `${kind} of ${orderClass}`).toMatchObject({
          dueAt: due,
          orderClass,
          owner: given.owner,
          severity: given.severity,
          actions: given.actions,
          rootCauses: given.rootCauses,
          snoozeHours: given.snoozeHours,
        });
      }
      const id = await raise(shop, { kind, subject: 'connector:web' });
      const due = new Date(dueAt(given, null, Date.parse(MONDAY))).toISOString();
      expect(await entry(shop, id)).toMatchObject({ dueAt: due, orderClass: null });
    }
  });

  test('of a merchant’s older catalogue has limits all the same', async () => {
    const document = {
      kinds: {
        delivery: { owner: 'ops', severity: 'low', slaHours: 2, actions: ['accept'] },
      },
    };
    await shop.owner`
      insert into ledger.policy_version (policy, version, effective_from, document)
      values ('exceptions', 1000, ${hoursOn(-1)}, ${shop.owner.json(document)})`;
    const id = await raise(shop, { kind: 'delivery' });
    expect(await entry(shop, id)).toMatchObject({
      owner: 'ops',
      dueAt: hoursOn(2),
      snoozeLimit: 3,
      rootCauses: [],
    });
    const answer = await resolveException(shop.ledger, {
      exceptionId: id,
      resolutionId: 'r1',
      action: 'accept',
      rootCause: 'carrier-lost',
      actor: 'olga',
    });
    expect(answer.exception).toMatchObject({ rootCause: 'carrier-lost' });
  });
});

describe('the clock', () => {
  test('escalates what is overdue, each time one worse, as often as the catalogue says', async () => {
    const id = await raise(shop, { kind: 'invoice-missing' });
    expect(await clockAt(119)).toEqual({ reached: 0, more: false });
    expect(await entry(shop, id)).toMatchObject({ escalations: 0, severity: 'low' });
    await clockAt(120);
    await clockAt(120);
    expect(await entry(shop, id)).toMatchObject({
      escalations: 1,
      severity: 'normal',
      escalatedTo: 'procurement',
      owner: 'finance',
    });
    expect(await clockAt(120 + 48)).toEqual({ reached: 0, more: true });
    await clockAt(120 + 48);
    expect(await clockAt(10_000)).toEqual({ reached: 0, more: false });
    const { escalations, severity, events } = await readException(shop.ledger, { exceptionId: id });
    expect({ escalations, severity }).toEqual({ escalations: 3, severity: 'high' });
    expect(events.map(({ event, occurredAt }) => [event, occurredAt])).toEqual([
      ['raised', MONDAY],
      ['escalated', hoursOn(120)],
      ['escalated', hoursOn(144)],
      ['escalated', hoursOn(168)],
    ]);
  });

  test('run by many at once escalates once', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await Promise.all(Array.from({ length: 8 }, () => clockAt(24)));
    expect(await entry(shop, id)).toMatchObject({ escalations: 1 });
  });

  test('brings back what was put aside, and escalates it only then', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await snooze(id, 30);
    await clockAt(29);
    expect(await entry(shop, id)).toMatchObject({ snoozedUntil: hoursOn(30), escalations: 0 });
    await clockAt(30);
    expect(await entry(shop, id)).toMatchObject({
      snoozedUntil: null,
      snoozeReason: null,
      escalations: 1,
    });
    expect(await eventsOf(shop, id)).toEqual(['raised', 'snoozed', 'woken', 'escalated']);
  });

  test('leaves alone what is closed or is the same as another entry', async () => {
    const one = await raise(shop, { kind: 'delivery' });
    const other = await raise(shop, { kind: 'delivery', subject: 'order:web:2' });
    const closed = await raise(shop, { kind: 'delivery', subject: 'order:web:3' });
    const act = { exceptionId: one, actor: 'olga', at: MONDAY };
    await mergeExceptions(shop.ledger, { ...act, mergeId: 'm1', duplicateId: other });
    await resolveException(shop.ledger, {
      exceptionId: closed,
      resolutionId: 'r1',
      action: 'accept',
      actor: 'olga',
      at: MONDAY,
    });
    await clockAt(500);
    const escalated = await Promise.all([one, other, closed].map((id) => entry(shop, id)));
    expect(escalated.map(({ escalations }) => escalations)).toEqual([1, 0, 0]);
  });

  test('of one subject leaves the others alone', async () => {
    const one = await raise(shop, { kind: 'delivery' });
    const other = await raise(shop, { kind: 'delivery', subject: 'order:web:2' });
    await runDues(shop.ledger, { until: hoursOn(24), limit: 10, subjectId: 'order:web:2' });
    expect(await entry(shop, one)).toMatchObject({ escalations: 0 });
    expect(await entry(shop, other)).toMatchObject({ escalations: 1 });
  });

  test('on the wall escalates today’s trouble when it is due, and old trade’s no sooner after its raising', async () => {
    const now = Date.now();
    const at = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
    const todays = await raise(shop, { kind: 'delivery', at: at(0) });
    const old = await raise(shop, { kind: 'delivery', subject: 'order:file:1', at: hoursOn(-9e4) });
    const wall = (hours: number) =>
      escalateExceptions(shop.ledger, { until: at(hours), limit: 100 });
    expect(await wall(1)).toEqual({ woken: 0, escalated: 0 });
    expect(await wall(23.9)).toEqual({ woken: 0, escalated: 0 });
    await wall(24.1);
    expect(await entry(shop, todays)).toMatchObject({ escalations: 1 });
    expect(await entry(shop, old)).toMatchObject({ escalations: 1 });
  });
});
