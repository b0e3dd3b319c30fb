import type postgres from 'postgres';
import { expect, vi } from 'vitest';
import { hearAccessChanges, type AccessChange } from '../../activities/ledger/access-changes.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { putPeople, type PersonInput } from '../../activities/ledger/intake/people.ts';
import { EVERYWHERE } from '../../rules/access/decide-access.ts';

export const ISSUER = 'https://login.example/';
export const NINE = Date.parse('2025-11-03T09:00:00.000Z');

/** Whoever makes the changes of these tests, as test/support/ledger.ts says. */
export const ACTOR = 'test';

/** Minutes after nine, as the ledger reads times. */
export function at(minutes: number): string {
  return new Date(NINE + minutes * 60_000).toISOString();
}

/** The places that reach can name: two nodes and two channels. */
export async function writePlaces(owner: postgres.Sql): Promise<void> {
  await owner`
    insert into ledger.node (node, name, country) values ('north', 'North', 'GB'), ('south', 'South', 'DE')`;
  await owner`
    insert into ledger.channel (channel, name, kind) values ('web', 'Web', 'web-shop'), ('b2b', 'B2B', 'b2b-portal')`;
}

/** An element for `putPeople`; what does not matter has defaults. */
export function person(subject: string, given: Partial<PersonInput> = {}): PersonInput {
  return {
    issuer: ISSUER,
    subject,
    name: `Name of ${subject}`,
    roles: ['support'],
    reach: EVERYWHERE,
    ...given,
  };
}

/** Puts one person who must be taken in, and answers the id. */
export async function entered(ledger: Ledger, given: PersonInput): Promise<string> {
  const { results } = await putPeople(ledger, { people: [given], at: at(0) });
  const [result] = results;
  if (result === undefined || result.personId === null || result.result === 'refused') {
    throw new Error(`the person was refused: ${JSON.stringify(result)}`);
  }
  return result.personId;
}

/** What the audit holds of a subject, oldest first. */
export async function actsOn(owner: postgres.Sql, subject: string) {
  const rows = await owner<
    { act: string; actor: string; before: unknown; after: unknown; reason: string | null }[]
  >`select act, actor, before, after, reason from ledger.audit where subject_id = ${subject} order by xact, audit_id`;
  return rows.map((row) => ({ ...row }));
}

/** Runs `act` while listening for changes, until `last` is heard; answers all that was heard. */
export async function heardDuring(
  appUrl: string,
  last: AccessChange,
  act: () => Promise<unknown>,
): Promise<AccessChange[]> {
  const heard: AccessChange[] = [];
  const ear = hearAccessChanges(appUrl);
  ear.onChange((change) => heard.push(change));
  try {
    await vi.waitFor(() => expect(ear.isListening()).toBe(true), { timeout: 10_000 });
    await act();
    await vi.waitFor(() => expect(heard).toContainEqual(last), { timeout: 10_000 });
    return heard;
  } finally {
    await ear.close();
  }
}
