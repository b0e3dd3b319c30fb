import { BACK } from '../ledger/return-shop.ts';
import { PEOPLE } from '../support/people.ts';
import { fresh, type ApiShop } from './api-shop.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { failedProcess, openException, seg, type Body } from './samples.ts';

/** Within what the kind of these exceptions may be snoozed. */
const LATER = new Date(Date.parse(BACK) + 4 * 3_600_000).toISOString();

/** An act on an exception of its own: what it is called, the rest of its body, and what is other content. */
function onEntry(
  noun: string,
  idField: string,
  rest: (shop: ApiShop) => Promise<Body> | Body,
  change: Body,
): [string, RouteWithBody] {
  return [
    `POST /v1/exceptions/{id}/${noun}`,
    {
      status: 200,
      repeat: 'marked',
      change,
      prepare: async (shop) => ({
        path: `/v1/exceptions/${seg(await openException(shop))}/${noun}`,
        body: { [idField]: fresh('x'), ...(await rest(shop)), occurredAt: BACK },
      }),
      unknown: (call) => ({ ...call, path: `/v1/exceptions/none/${noun}` }),
    },
  ];
}

/** The routes of the exception board, and the repairs of processes. */
export const EXCEPTION_ROUTES: Readonly<Record<string, RouteWithBody>> = {
  ...Object.fromEntries([
    onEntry(
      'resolutions',
      'resolutionId',
      () => ({ action: 'retry', rootCause: 'provider-away', note: 'seen' }),
      { note: 'other' },
    ),
    onEntry('claims', 'claimId', () => ({ note: 'mine' }), { note: 'other' }),
    onEntry(
      'assignments',
      'assignmentId',
      () => ({ assignee: PEOPLE.olga.id, owner: 'support', note: 'hers' }),
      { assignee: PEOPLE.otto.id },
    ),
    onEntry('comments', 'commentId', () => ({ text: 'looked at it' }), { text: 'other' }),
    onEntry('snoozes', 'snoozeId', () => ({ wakeAt: LATER, reason: 'the provider is asked' }), {
      reason: 'other',
    }),
    onEntry(
      'merges',
      'mergeId',
      async (shop) => ({ duplicateId: await openException(shop), note: 'the same' }),
      { note: 'other' },
    ),
  ]),
  'POST /v1/processes/{id}/repairs': {
    status: 200,
    repeat: 'marked',
    change: { reason: 'other' },
    prepare: async (shop) => ({
      path: `/v1/processes/${seg(await failedProcess(shop))}/repairs`,
      body: {
        repairId: fresh('x'),
        action: 'retry',
        step: 'endStockAdjustment',
        reason: 'the ledger is back',
        rootCause: 'provider-away',
        occurredAt: BACK,
      },
    }),
    unknown: (call) => ({ ...call, path: '/v1/processes/none/repairs' }),
  },
};
