import { expect, test } from 'vitest';
import { connectionGate } from './connection-gate.ts';

const DEADLINE_MS = 50;
const yes = () => true;
const no = () => false;

/** Counts how often it is asked. */
function ledgerThat(answer: () => Promise<unknown>) {
  const ledger = {
    asked: 0,
    call: () => {
      ledger.asked += 1;
      return answer();
    },
  };
  return ledger;
}

const silence = () => new Promise<never>(() => undefined);

test('after a call without an answer one call tries further, and the others end with it', async () => {
  const gate = connectionGate(DEADLINE_MS);
  const silent = ledgerThat(silence);
  await expect(gate.pass(silent.call, no)).rejects.toMatchObject({ type: 'LedgerUnavailable' });
  const calls = Array.from({ length: 20 }, () => gate.pass(silent.call, no));
  const results = await Promise.allSettled(calls);
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([]);
  expect(silent.asked).toBe(2);
});

test('the call that gets through lets those in that waited for it, and all after it', async () => {
  const gate = connectionGate(DEADLINE_MS);
  const refused = new Error('refused');
  await expect(gate.pass(() => Promise.reject(refused), yes)).rejects.toBe(refused);
  const back = ledgerThat(async () => 'there');
  const calls = Array.from({ length: 20 }, () => gate.pass(back.call, yes));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['there']));
  expect(back.asked).toBe(20);
});

test('what the ledger itself refuses, or one of many lost connections, keeps nobody out', async () => {
  const gate = connectionGate(DEADLINE_MS);
  const answering = ledgerThat(async () => 'there');
  const refusal = new Error('no such order');
  await expect(gate.pass(() => Promise.reject(refusal), no)).rejects.toBe(refusal);
  const lost = gate.pass(async () => {
    // Meanwhile another call is answered.
    await gate.pass(answering.call, yes);
    throw new Error('connection lost');
  }, yes);
  await expect(lost).rejects.toThrow('connection lost');
  const silent = Array.from({ length: 3 }, () => gate.pass(silence, no));
  const between = Array.from({ length: 3 }, () => gate.pass(answering.call, yes));
  expect(await Promise.all(between)).toEqual(['there', 'there', 'there']);
  await Promise.allSettled(silent);
  expect(await gate.pass(answering.call, yes)).toBe('there');
  expect(answering.asked).toBe(5);
});
