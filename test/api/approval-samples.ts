import { BACK } from '../ledger/return-shop.ts';
import { fresh, KEYS, type ApiShop } from './api-shop.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { openApproval, quietCustomer, seg, type Body } from './samples.ts';

type Key = (typeof KEYS)[keyof typeof KEYS];

/** The run and the level that whoever says a word was looking at. */
export const WHAT_WAS_SEEN = { run: 1, level: 0 };

/** What everybody says with a word. */
const said = (): Body => ({
  decisionId: fresh('d'),
  ...WHAT_WAS_SEEN,
  note: 'seen',
  occurredAt: BACK,
});

/** A word about an approval of its own, which `before` brings to where it can be said. */
function word(
  noun: string,
  key: Key,
  rest: Body = {},
  before: (shop: ApiShop, path: string) => Promise<unknown> = () => Promise.resolve(),
): [string, RouteWithBody] {
  return [
    `POST /v1/approvals/{id}/${noun}`,
    {
      status: 200,
      repeat: 'marked',
      change: { note: 'other' },
      prepare: async (shop) => {
        const { approvalId } = await openApproval(shop);
        const path = `/v1/approvals/${seg(approvalId)}`;
        await before(shop, path);
        return { path: `${path}/${noun}`, body: { ...said(), ...rest }, options: { key } };
      },
      unknown: (call) => ({ ...call, path: `/v1/approvals/none/${noun}` }),
    },
  ];
}

const boss = { key: KEYS.boss };

/** The routes of approvals besides the decision, and of delegations. */
export const APPROVAL_ROUTES: Readonly<Record<string, RouteWithBody>> = {
  ...Object.fromEntries([
    word('comments', KEYS.shop),
    word('questions', KEYS.boss, { askee: 'shop' }),
    word('answers', KEYS.shop, {}, (shop, path) =>
      shop.call('POST', `${path}/questions`, { body: { note: 'why?', askee: 'shop' }, ...boss }),
    ),
    word('changes', KEYS.boss),
    word('resubmissions', KEYS.shop, {}, (shop, path) =>
      shop.call('POST', `${path}/changes`, { body: { note: 'count again' }, ...boss }),
    ),
    word('withdrawals', KEYS.shop),
    word('reassignments', KEYS.boss, {
      seat: { kind: 'role', name: 'approver', escalation: false },
      to: 'person:ann',
    }),
  ]),
  'POST /v1/approvals/decisions': {
    status: 207,
    repeat: 'by-element',
    prepare: async (shop) => {
      const { approvalId } = await openApproval(shop);
      return {
        path: '/v1/approvals/decisions',
        body: { decisions: [{ ...said(), approvalId, decision: 'approve' }] },
        options: boss,
      };
    },
  },
  'PUT /v1/delegations': {
    status: 200,
    repeat: 'by-content',
    prepare: () => ({ path: '/v1/delegations', body: delegation(), options: boss }),
  },
  'PUT /v1/risk-ratings': {
    status: 200,
    repeat: 'by-content',
    prepare: async (shop) => ({
      path: '/v1/risk-ratings',
      body: { party: await quietCustomer(shop), risk: 'low', reason: 'ten years without a return' },
      options: boss,
    }),
  },
  'PUT /v1/people/{id}/delegations': {
    status: 200,
    repeat: 'by-content',
    prepare: () => ({
      path: `/v1/people/${seg('person:bob')}/delegations`,
      body: delegation(),
      options: boss,
    }),
    unknown: (call) => ({ ...call, path: '/v1/people/person:nobody/delegations' }),
  },
};

/** To Ann, while somebody is on leave. */
function delegation(): Body {
  return {
    delegationId: fresh('delegation:d'),
    to: 'person:ann',
    subjects: ['refund', 'stock-correction'],
    limitMinor: '50000',
    validFrom: BACK,
    validUntil: '2010-12-31T00:00:00Z',
    absent: false,
    revoked: false,
    reason: 'on leave',
  };
}
