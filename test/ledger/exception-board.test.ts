import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import {
  assignException,
  claimException,
  commentException,
  mergeExceptions,
  snoozeException,
} from '../../activities/ledger/intake/work-on-exception.ts';
import { readException } from '../../activities/ledger/read/exception.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { PEOPLE, seedPeople } from '../support/people.ts';
import { entry, eventsOf, heal, hoursOn, MONDAY, placeFor, raise } from './board.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger({ connections: 6 });
  await seedPeople(shop.owner);
});
afterEach(() => shop.close());

const act = (exceptionId: string, actor = 'olga') => ({ exceptionId, actor, at: hoursOn(1) });
const resolve = (exceptionId: string, resolutionId = 'r1', action = 'accept') =>
  resolveException(shop.ledger, { ...act(exceptionId), resolutionId, action });

describe('a claim', () => {
  test('gives an entry to one person: of ten at once one has it, the others learn who', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const people = Array.from({ length: 10 }, (_, index) => `person-${index}`);
    const answers = await Promise.all(
      people.map((actor) => claimException(shop.ledger, { ...act(id, actor), claimId: actor })),
    );
    const [winner, ...more] = answers.filter(({ applied }) => applied);
    expect(more).toEqual([]);
    expect(answers.filter(({ applied }) => !applied)).toHaveLength(9);
    for (const { exception } of answers)
      expect([winner?.exception.assignee, null]).toContain(exception.assignee);
    expect(await entry(shop, id)).toMatchObject({ assignee: winner?.exception.assignee });
    expect(await eventsOf(shop, id)).toEqual(['raised', 'claimed']);
  });

  test('again is answered the same, also later and by others', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const claim = { ...act(id), claimId: 'c1', note: 'mine' };
    const first = await claimException(shop.ledger, claim);
    const again = await claimException(shop.ledger, { ...claim, at: hoursOn(9) });
    expect(again).toEqual({ ...first, replayed: true });
    await expect(claimException(shop.ledger, { ...claim, actor: 'otto' })).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  test('of what is closed is not made', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await resolve(id);
    expect(await claimException(shop.ledger, { ...act(id), claimId: 'c1' })).toMatchObject({
      applied: false,
      exception: { state: 'resolved', assignee: null },
    });
  });

  test('of nothing is not found', async () => {
    await expect(
      claimException(shop.ledger, { ...act('exception:0'), claimId: 'c1' }),
    ).rejects.toMatchObject({ type: 'NotFound' });
  });
});

describe('an assignment', () => {
  test('gives it to a person and another role, and back; each is kept with its reason', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const given = await assignException(shop.ledger, {
      ...act(id),
      assignmentId: 'a1',
      assignee: PEOPLE.otto.id,
      owner: 'warehouse',
      note: 'yours',
    });
    expect(given).toMatchObject({
      applied: true,
      exception: { assignee: PEOPLE.otto.id, owner: 'warehouse' },
    });
    await assignException(shop.ledger, { ...act(id), assignmentId: 'a2', assignee: null });
    const { assignee, owner, events } = await readException(shop.ledger, { exceptionId: id });
    expect({ assignee, owner }).toEqual({ assignee: null, owner: 'warehouse' });
    expect(events.slice(1)).toMatchObject([
      {
        event: 'assigned',
        actor: 'olga',
        reason: 'yours',
        detail: { from: null, to: PEOPLE.otto.id, fromOwner: 'support', toOwner: 'warehouse' },
      },
      { event: 'assigned', detail: { from: PEOPLE.otto.id, to: null, toOwner: 'warehouse' } },
    ]);
  });

  const give = (exceptionId: string, assignee: string) =>
    assignException(shop.ledger, { ...act(exceptionId), assignmentId: 'a1', assignee });

  test('to somebody who may not resolve it is not made, and says what they lack', async () => {
    const id = await raise(shop, { kind: 'payment' });
    await expect(give(id, PEOPLE.otto.id)).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'assignee',
      message: `person:otto does not have the scope payments:resolve, which it takes to resolve ${id} of kind payment`,
    });
    expect(await entry(shop, id)).toMatchObject({ assignee: null });
  });

  test('to somebody who may not any more is answered as it was, while they could', async () => {
    const id = await raise(shop, { kind: 'payment' });
    const given = await give(id, PEOPLE.fay.id);
    await shop.owner`update ledger.person set roles = '{support}' where person_id = ${PEOPLE.fay.id}`;
    expect(await give(id, PEOPLE.fay.id)).toEqual({ ...given, replayed: true });
  });
});

describe('a comment', () => {
  test('is kept, also on what is closed', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const comment = { ...act(id), commentId: 'c1', text: 'asked the carrier' };
    await commentException(shop.ledger, comment);
    await commentException(shop.ledger, comment);
    await resolve(id);
    await commentException(shop.ledger, { ...act(id), commentId: 'c2', text: 'it was found' });
    const { events } = await readException(shop.ledger, { exceptionId: id });
    expect(events.map(({ event, reason }) => [event, reason])).toEqual([
      ['raised', null],
      ['commented', 'asked the carrier'],
      ['resolved', null],
      ['commented', 'it was found'],
    ]);
  });
});

describe('a snooze', () => {
  const snooze = (exceptionId: string, snoozeId: string, hours: number) =>
    snoozeException(shop.ledger, {
      ...act(exceptionId),
      snoozeId,
      wakeAt: hoursOn(1 + hours),
      reason: 'the carrier is asked',
    });

  test('puts it aside with its reason, and leaves its due date', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const { dueAt } = await entry(shop, id);
    expect(await snooze(id, 's1', 5)).toMatchObject({
      applied: true,
      exception: {
        snoozedUntil: hoursOn(6),
        snoozeReason: 'the carrier is asked',
        snoozes: 1,
        dueAt,
        state: 'open',
      },
    });
  });

  test('has limits: how far, how often, and a repeat of the last is still the last', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await expect(snooze(id, 's0', 49)).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'wakeAt',
      message: 'must lie at most 48 hours ahead',
    });
    for (const number of [1, 2, 3]) await snooze(id, `s${number}`, number);
    expect(await snooze(id, 's3', 3)).toMatchObject({ applied: true, replayed: true });
    await expect(snooze(id, 's4', 4)).rejects.toMatchObject({
      message: 'was snoozed 3 times already, and has to be dealt with',
    });
    expect(await entry(shop, id)).toMatchObject({ snoozes: 3 });
  });

  test('by eight people at once goes no further than its limit', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => snooze(id, `s${index}`, 2)),
    );
    const { snoozes } = await entry(shop, id);
    expect(snoozes).toBeGreaterThan(0);
    expect(snoozes).toBeLessThanOrEqual(3);
    const applied = answers.filter(
      (answer) => answer.status === 'fulfilled' && answer.value.applied,
    );
    expect(applied).toHaveLength(snoozes);
  });

  test('beyond its limit is refused by the database itself', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await expect(
      shop.owner`update ledger.exception set snoozes = 4 where exception_id = ${id}`,
    ).rejects.toMatchObject({ code: '23514' });
  });
});

describe('entries that are the same trouble', () => {
  const merge = (exceptionId: string, duplicateId: string, mergeId = 'm1') =>
    mergeExceptions(shop.ledger, { ...act(exceptionId), mergeId, duplicateId, note: 'one storm' });

  test('are closed together by one action, each for its own subject and process', async () => {
    for (const number of [1, 2])
      await shop.owner`insert into ledger.process (process_id, kind, state) values (${`order:web:${number}`}, 'order', 'running')`;
    const one = await raise(shop, { kind: 'carrier', process: 'order:web:1' });
    const other = await raise(shop, {
      kind: 'carrier',
      subject: 'order:web:2',
      process: 'order:web:2',
    });
    expect(await merge(one, other)).toMatchObject({
      applied: true,
      exception: { duplicates: [other] },
    });
    expect(await entry(shop, other)).toMatchObject({ mergedInto: one, state: 'open' });
    expect(await resolve(other, 'alone', 'wait')).toMatchObject({ resolved: false });

    expect(await resolve(one, 'r1', 'wait')).toMatchObject({ resolved: true });
    expect(await entry(shop, other)).toMatchObject({ state: 'resolved', resolution: 'wait' });
    const told = await shop.owner<{ subject: string }[]>`
      select subject_id as subject from ledger.outbox where kind = 'signal' order by 1`;
    expect(told.map(({ subject }) => subject)).toEqual(['order:web:1', 'order:web:2']);
    expect(await eventsOf(shop, other)).toEqual(['raised', 'merged', 'resolved']);
  });

  test('are closed only by whoever reaches all of them', async () => {
    const places = { country: 'GB', node: 'main', orderClass: 'standard' };
    await placeFor(shop.owner, { ...places, id: 'order:web:1', channel: 'web' });
    await placeFor(shop.owner, { ...places, id: 'order:shop:2', channel: 'shop' });
    const one = await raise(shop, { kind: 'carrier' });
    const other = await raise(shop, { kind: 'carrier', subject: 'order:shop:2' });
    await merge(one, other);
    const subjects = [{ kind: 'exception', id: one }];
    const close = (...channels: string[]) =>
      resolveException(shop.ledger.as({ actor: 'olga', within: { subjects, channels } }), {
        ...act(one),
        resolutionId: 'r1',
        action: 'wait',
      });
    await expect(close('web')).rejects.toMatchObject({ type: 'AccessDenied' });
    expect(await entry(shop, one)).toMatchObject({ state: 'open' });
    expect(await close('web', 'shop')).toMatchObject({ resolved: true });
    expect(await entry(shop, other)).toMatchObject({ state: 'resolved' });
  });

  test('take their own duplicates with them', async () => {
    const [one = '', two = '', three = ''] = await Promise.all(
      [1, 2, 3].map((number) => raise(shop, { kind: 'carrier', subject: `order:web:${number}` })),
    );
    await merge(two, three, 'm1');
    await merge(one, two, 'm2');
    expect((await entry(shop, one)).duplicates.toSorted()).toEqual([two, three].toSorted());
  });

  test('are matters of their own again when the trouble of the first ends by itself', async () => {
    const one = await raise(shop, { kind: 'carrier' });
    const other = await raise(shop, { kind: 'carrier', subject: 'order:web:2' });
    await merge(one, other);
    await heal(shop, { kind: 'carrier', at: hoursOn(2) });
    expect(await entry(shop, other)).toMatchObject({ mergedInto: null, state: 'open' });
    expect(await eventsOf(shop, other)).toEqual(['raised', 'merged', 'unmerged']);
  });

  test('have the same kind and the same actions; nothing is the same as itself', async () => {
    const one = await raise(shop, { kind: 'carrier' });
    const delivery = await raise(shop, { kind: 'delivery' });
    for (const duplicateId of [one, delivery, 'exception:0'])
      await expect(merge(one, duplicateId)).rejects.toMatchObject({
        type: 'InvalidInput',
        path: 'duplicateId',
      });
    const poorer = await raise(shop, { kind: 'carrier', subject: 'order:web:2' });
    await shop.owner`update ledger.exception set actions = '{wait}' where exception_id = ${poorer}`;
    await expect(merge(one, poorer)).rejects.toMatchObject({ path: 'duplicateId' });
    expect(await entry(shop, one)).toMatchObject({ duplicates: [] });
    expect(await merge(poorer, one)).toMatchObject({ applied: true });
  });

  test('are not merged once one of them is closed', async () => {
    const one = await raise(shop, { kind: 'carrier' });
    const other = await raise(shop, { kind: 'carrier', subject: 'order:web:2' });
    await resolve(other, 'r1', 'wait');
    expect(await merge(one, other)).toMatchObject({ applied: false });
  });
});

describe('the same trouble again', () => {
  test('while it is open is counted, and seen last then', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    expect(await raise(shop, { kind: 'delivery', at: hoursOn(3) })).toBe(id);
    expect(await entry(shop, id)).toMatchObject({
      seen: 2,
      reopened: 0,
      firstSeenAt: MONDAY,
      lastSeenAt: hoursOn(3),
      raisedAt: MONDAY,
    });
  });

  test('soon after it was closed opens the same entry, with its people, its history and its whole time', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await claimException(shop.ledger, { ...act(id), claimId: 'c1' });
    await resolve(id);
    expect(await raise(shop, { kind: 'delivery', at: hoursOn(20), evidence: { parcel: 2 } })).toBe(
      id,
    );
    expect(await entry(shop, id)).toMatchObject({
      state: 'open',
      reopened: 1,
      seen: 2,
      assignee: 'olga',
      evidence: { parcel: 2 },
      resolution: null,
      rootCause: null,
      resolvedAt: null,
      firstSeenAt: MONDAY,
      raisedAt: hoursOn(20),
      dueAt: hoursOn(44),
    });
    expect(await eventsOf(shop, id)).toEqual(['raised', 'claimed', 'resolved', 'reopened']);
  });

  test('is closed anew: the first resolution is no answer to it', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await resolve(id, 'r1');
    await raise(shop, { kind: 'delivery', at: hoursOn(20) });
    expect(await resolve(id, 'r1')).toMatchObject({ replayed: true });
    expect(await entry(shop, id)).toMatchObject({ state: 'open' });
    expect(await resolve(id, 'r2')).toMatchObject({ resolved: true, replayed: false });
  });

  test('long after it was closed is another entry', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await resolve(id);
    const next = await raise(shop, { kind: 'delivery', at: hoursOn(1 + 97) });
    expect(next).not.toBe(id);
    expect(await entry(shop, id)).toMatchObject({ state: 'resolved' });
  });

  test('of a kind each of which is a matter of its own is another entry', async () => {
    const id = await raise(shop, { kind: 'intake-changed' });
    await resolve(id);
    expect(await raise(shop, { kind: 'intake-changed', at: hoursOn(2) })).not.toBe(id);
  });

  test('takes nothing back that its process has yet to carry out', async () => {
    await shop.owner`insert into ledger.process (process_id, kind, state) values ('order:web:1', 'order', 'running')`;
    const id = await raise(shop, { kind: 'fraud', process: 'order:web:1' });
    await resolve(id, 'r1', 'release');
    const next = await raise(shop, { kind: 'fraud', process: 'order:web:1', at: hoursOn(2) });
    expect(next).not.toBe(id);
    expect(await entry(shop, id)).toMatchObject({ state: 'resolved', resolution: 'release' });
  });

  test('raised by ten at once is one entry, reopened once', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await resolve(id);
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => raise(shop, { kind: 'delivery', at: hoursOn(2) })),
    );
    expect(new Set(ids)).toEqual(new Set([id]));
    expect(await entry(shop, id)).toMatchObject({ reopened: 1, state: 'open' });
  });
});

describe('a root cause', () => {
  test('is one of its kind, and is said to be unknown where nobody names it', async () => {
    const named = await raise(shop, { kind: 'delivery' });
    const answer = await resolveException(shop.ledger, {
      ...act(named),
      resolutionId: 'r1',
      action: 'accept',
      rootCause: 'carrier-lost',
    });
    expect(answer.exception).toMatchObject({ rootCause: 'carrier-lost' });
    const unnamed = await raise(shop, { kind: 'delivery', subject: 'order:web:2' });
    expect((await resolve(unnamed)).exception).toMatchObject({ rootCause: 'not-investigated' });
    const healed = await raise(shop, { kind: 'delivery', subject: 'order:web:3' });
    await heal(shop, { kind: 'delivery', subject: 'order:web:3' });
    expect(await entry(shop, healed)).toMatchObject({ rootCause: 'resolved-itself' });
  });

  test('of another kind is refused, and the right ones are named', async () => {
    const id = await raise(shop, { kind: 'delivery' });
    await expect(
      resolveException(shop.ledger, {
        ...act(id),
        resolutionId: 'r1',
        action: 'accept',
        rootCause: 'fraud-confirmed',
      }),
    ).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'rootCause',
      message: expect.stringContaining('carrier-lost') as string,
    });
    expect(await entry(shop, id)).toMatchObject({ state: 'open' });
  });
});
