import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLE_NAMES, type Role } from '../../rules/access/roles.ts';
import { MAY, SHOWS } from './walk-samples.ts';
import { openWalkShop, type WalkShop } from './walk-shop.ts';

/** What part somebody has in an approval, and the columns and the event that say so. */
const PARTS = {
  none: {},
  requester: { requested_by: 'person' },
  'for whom a key asked': { requested_for: 'person' },
  'asked by name': { asked_people: 'people' },
  'asked as one of a role': { asked_roles: 'roles' },
  'asked a question': { event: 'askee' },
  decider: { event: 'actor' },
} as const;
type Part = keyof typeof PARTS;
const PART_NAMES = Object.keys(PARTS) as Part[];
const KINDS = Object.keys(SHOWS);
const REACHES = ['everywhere', 'within', 'node', 'channel', 'region', 'amount'];

let shop: WalkShop;
let walked = 0;

beforeAll(async () => {
  shop = await openWalkShop();
  for (const role of ROLE_NAMES)
    for (const part of PART_NAMES) for (const kind of KINDS) await write(kind, role, part);
});
afterAll(async () => {
  console.log(`walked ${walked} combinations of role, kind of approval, part in it and reach`);
  await shop?.close();
});

const idOf = (kind: string, role: Role, part: Part) =>
  `approval:${kind}:${role}:${part.replaceAll(' ', '-')}`;

/** An approval of a kind in which whoever has the role has that part, where the world's return lies. */
async function write(kind: string, role: Role, part: Part): Promise<void> {
  const columns: Readonly<Record<string, string>> = PARTS[part];
  const person = `person:${role}`;
  const id = idOf(kind, role, part);
  const said: Record<string, unknown> = { approval_id: id, subject_kind: kind };
  for (const [column, value] of Object.entries(columns)) {
    if (column === 'event') continue;
    said[column] = value === 'roles' ? [role] : value === 'people' ? [person] : person;
  }
  await shop.owner`
    insert into ledger.approval
    select n.* from ledger.approval a, jsonb_populate_record(a, ${shop.owner.json(said as never)}) n
    where a.approval_id = 'approval:return:R-000001:1'`;
  if (columns['event'] === undefined) return;
  const isAskee = columns['event'] === 'askee';
  const body = { askee: isAskee ? person : 'person:other' };
  await shop.owner`
    insert into ledger.approval_event (approval_id, sequence, kind, run, level, body, actor, occurred_at)
    values (${id}, 1, 'information-asked', 1, 0, ${shop.owner.json(body)}, ${isAskee ? 'person:other' : person}, now())`;
}

/** The rule that keeps somebody from an approval, as it is written down: its places, its kind, its amount. */
function ruleFor(kind: string, role: Role, part: Part, reach: string): string | undefined {
  const isLet = MAY['approvals:read']?.includes(role) === true;
  if (!isLet) return 'scope-missing';
  if (['node', 'channel', 'region'].includes(reach)) return `${reach}-out-of-reach`;
  if (part !== 'none' && part !== 'asked as one of a role') return undefined;
  const shows = SHOWS[kind];
  const isShown = shows !== undefined && MAY[shows]?.includes(role) === true;
  if (part === 'none' && !isShown) return 'scope-missing';
  return reach === 'amount' ? 'amount-above-limit' : undefined;
}

describe.each(ROLE_NAMES)('%s', (role) => {
  test('reads approvals of what they may see or have a part in, and no others', async () => {
    const surprises: string[] = [];
    for (const part of PART_NAMES)
      for (const kind of KINDS)
        for (const reach of REACHES) {
          const id = encodeURIComponent(idOf(kind, role, part));
          const answer = await shop.get(`/v1/approvals/${id}`, role, reach);
          walked += 1;
          const expected = ruleFor(kind, role, part, reach);
          if (answer.rule !== expected)
            surprises.push(`${kind} ${part} ${reach}: ${answer.rule}, not ${expected}`);
        }
    expect(surprises).toEqual([]);
  });

  test('finds in the list exactly what they read one by one', async () => {
    const surprises: string[] = [];
    for (const kind of KINDS)
      for (const reach of REACHES) {
        const query = `?subjectKind=${kind}&limit=200`;
        const { status, body } = await shop.get(`/v1/approvals${query}`, role, reach);
        walked += 1;
        const rows = (body['data'] ?? []) as { id: string }[];
        const shown = rows.map(({ id }) => id).filter((id) => id.includes(`:${role}:`));
        const expected = PART_NAMES.filter(
          (part) => ruleFor(kind, role, part, reach) === undefined,
        ).map((part) => idOf(kind, role, part));
        if (JSON.stringify(shown.toSorted()) !== JSON.stringify(expected.toSorted()))
          surprises.push(`${kind} ${reach}: ${status} ${shown.length}, not ${expected.length}`);
        // Of others they see none that is not theirs to see.
        const others = rows.filter(({ id }) => id.includes(':none') && !id.includes(`:${role}:`));
        if (ruleFor(kind, role, 'none', reach) !== undefined && others.length > 0)
          surprises.push(`${kind} ${reach}: ${others.length} of others`);
      }
    expect(surprises).toEqual([]);
  });
});

test('the answer to a word shows nothing either', async () => {
  for (const word of ['comments', 'answers', 'reassignments', 'resubmissions', 'withdrawals']) {
    const id = encodeURIComponent(idOf('manual-journal', 'support', 'none'));
    const { status, headers } = await shop.app.request(`/v1/approvals/${id}/${word}`, {
      method: 'POST',
      headers: {
        Authorization: 'Bearer support/everywhere',
        'Content-Type': 'application/json',
      },
      body: '{}',
    });
    expect([status, headers.get('Content-Type')], word).toEqual([403, 'application/problem+json']);
  }
});
