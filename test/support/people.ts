import type postgres from 'postgres';

/** People of the tests by their ids, with what they may decide on. */
export const PEOPLE = {
  /** Decides on everything, whatever level it is. */
  boss: { id: 'person:boss', roles: ['approver', 'finance', 'procurement', 'ops', 'admin'] },
  ann: { id: 'person:ann', roles: ['approver'] },
  bob: { id: 'person:bob', roles: ['approver'] },
  fay: { id: 'person:fay', roles: ['finance'] },
  pat: { id: 'person:pat', roles: ['procurement'] },
  olga: { id: 'person:olga', roles: ['ops'] },
  adam: { id: 'person:adam', roles: ['admin'] },
  /** Asks, and decides nothing. */
  rita: { id: 'person:rita', roles: ['support', 'warehouse'] },
  /** Knows things, and decides nothing either. */
  otto: { id: 'person:otto', roles: ['support'] },
  /** Might decide, and asks all the same. */
  ivan: { id: 'person:ivan', roles: ['approver', 'finance', 'ops', 'warehouse'] },
} as const;

/** Puts the people of the tests into the ledger. Safe to repeat. */
export async function seedPeople(owner: postgres.Sql): Promise<void> {
  for (const { id, roles } of Object.values(PEOPLE)) {
    const subject = id.slice('person:'.length);
    await owner`
      insert into ledger.person (person_id, issuer, subject, name, roles)
      values (${id}, 'https://login.test', ${subject}, ${subject}, ${[...roles]})
      on conflict do nothing`;
  }
}
