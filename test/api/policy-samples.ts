import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { fresh, KEYS, type ApiShop } from './api-shop.ts';
import { seg, SENT, SOLD, type Body } from './samples.ts';

/** Later than the clock of the shop. */
export const LATER = '2010-12-20T00:00:00Z';

let limit = 100_000;

/** A draft of another limit for finance entries, with every field; each is another one. */
export function financeDraft(): Body {
  limit += 1;
  return {
    document: { approvalAboveMinor: String(limit), approvalHours: 48, approvalRole: 'finance' },
    channel: '*',
    region: '*',
    note: 'after the audit',
    activeFrom: LATER,
  };
}

function adjustmentLimit(): { minutes: number; document: Body } {
  limit += 1;
  const approvalAboveMinor = String(limit);
  return {
    minutes: limit - 100_000,
    document: { approvalAboveMinor, approvalHours: 48, approvalRole: 'approver' },
  };
}

/** Writes a draft; answers its path. */
export async function writeDraft(
  shop: ApiShop,
  policy: string,
  body: Body,
  draftId = fresh('d'),
): Promise<string> {
  const path = `/v1/policies/${policy}/drafts/${draftId}`;
  const { status, text } = await shop.call('PUT', path, { body });
  if (status !== 200) throw new Error(`${path} was answered ${status} ${text}`);
  return path;
}

/** Submits a draft and lets somebody else approve it. */
export async function approveDraft(shop: ApiShop, path: string): Promise<void> {
  const { status, body } = await shop.call('POST', `${path}/submissions`, { body: {} });
  if (status !== 202) throw new Error(`${path} was answered ${status}`);
  await approve(shop, String(body['approvalId']));
}

/** Somebody else approves what was asked for. */
export async function approve(shop: ApiShop, approvalId: string): Promise<void> {
  const { status, text } = await shop.call('POST', `/v1/approvals/${seg(approvalId)}/decisions`, {
    body: { decision: 'approve' },
    key: KEYS.boss,
  });
  if (status !== 200) throw new Error(`${approvalId} was answered ${status} ${text}`);
}

/** A version of the limit for finance entries that is to come. */
async function activeVersion(shop: ApiShop): Promise<void> {
  await approveDraft(shop, await writeDraft(shop, 'finance-entry', financeDraft()));
}

interface Call {
  readonly path: string;
  readonly body: Body;
}

/** A route whose repeats have the same effect, told by their content; and a path of it that names nothing. */
function byContent(
  status: number,
  unknownPath: string,
  prepare: (shop: ApiShop) => Promise<Call> | Call,
) {
  const unknown = (call: Call) => ({ ...call, path: unknownPath });
  return { status, repeat: 'by-content', prepare, unknown } as const;
}

const draftPath = '/v1/policies/{policy}/drafts/{draftId}';
const nobodys = '/v1/policies/finance-entry/drafts/none';

/** The routes of policies that take a body. */
export const POLICY_ROUTES = {
  [`PUT ${draftPath}`]: byContent(200, '/v1/policies/nothing/drafts/none', () => ({
    path: `/v1/policies/finance-entry/drafts/${fresh('d')}`,
    body: financeDraft(),
  })),
  [`POST ${draftPath}/simulations`]: byContent(200, `${nobodys}/simulations`, async (shop) => {
    const document = { ...DEFAULT_POLICIES.return, windowDays: 30 };
    const path = await writeDraft(shop, 'return', { document });
    return {
      path: `${path}/simulations`,
      body: { from: SOLD, until: SENT, decisionHours: 4, inspectionHours: 12 },
    };
  }),
  [`POST ${draftPath}/submissions`]: byContent(202, `${nobodys}/submissions`, async (shop) => ({
    path: `${await writeDraft(shop, 'finance-entry', financeDraft())}/submissions`,
    body: { note: 'please' },
  })),
  [`POST ${draftPath}/activations`]: byContent(200, `${nobodys}/activations`, async (shop) => {
    const { minutes, document } = adjustmentLimit();
    const path = await writeDraft(shop, 'adjustment', { document });
    await approveDraft(shop, path);
    // Each before those of earlier samples, so that every one of them still changes the first version.
    const activeFrom = new Date(Date.parse(LATER) - minutes * 60_000).toISOString();
    return { path: `${path}/activations`, body: { activeFrom } };
  }),
  [`POST ${draftPath}/withdrawals`]: byContent(200, `${nobodys}/withdrawals`, async (shop) => ({
    path: `${await writeDraft(shop, 'finance-entry', financeDraft())}/withdrawals`,
    body: { note: 'not now' },
  })),
  'POST /v1/policies/{policy}/rollbacks': byContent(
    202,
    '/v1/policies/nothing/rollbacks',
    async (shop) => {
      await activeVersion(shop);
      return {
        path: '/v1/policies/finance-entry/rollbacks',
        body: { draftId: fresh('back'), toVersion: 1, note: 'it was better', activeFrom: LATER },
      };
    },
  ),
};
