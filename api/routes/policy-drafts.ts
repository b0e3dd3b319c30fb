import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  activatePolicyDraft,
  rollBackPolicy,
  submitPolicyDraft,
  withdrawPolicyDraft,
  type DraftAnswer,
  type DraftRefusal,
} from '../../activities/ledger/intake/policy-drafts.ts';
import {
  readPolicy,
  readPolicyDraft,
  readPolicyVersion,
  type PolicyDraft,
} from '../../activities/ledger/read/policies.ts';
import { POLICY_SCHEMAS, type PolicyDocument } from '../../rules/policy/documents.ts';
import type { Api, ApiContext, Engine } from '../context.ts';
import { policyApprovalOf } from '../policy-approval.ts';
import { draftView, policyNamed, readDocument } from '../policy-document.ts';
import { answerSimulation } from '../policy-simulation-answer.ts';
import {
  activationRequest,
  noteRequest,
  policyDraft,
  rollbackRequest,
  simulationReport,
  simulationRequest,
} from '../policy-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS } from '../responses.ts';

const tags = ['Policies'];
const draftParams = z.object({ policy: z.string().max(200), draftId: z.string().max(200) });
const path = '/v1/policies/{policy}/drafts/{draftId}';

const simulate = createRoute({
  method: 'post',
  path: `${path}/simulations`,
  tags,
  summary: 'Try a draft on the returns of a period, and see what would have changed',
  description:
    'For drafts of the return policy, the approval matrix and the timing of refunds. What it says is kept with the draft in short, for whoever decides on it. A long period takes a while: ask with "Accept: application/x-ndjson" for lines of { progress } as it goes, then one line { report } or { problem }. After 100 seconds it stops.',
  request: { params: draftParams, ...jsonBody(simulationRequest) },
  responses: { 200: json(simulationReport, 'What would have changed.'), ...PROBLEMS },
});

const submit = createRoute({
  method: 'post',
  path: `${path}/submissions`,
  tags,
  summary: 'Ask for the approval of a draft',
  description:
    'The approval matrix in force says who decides. A repeat answers the draft as it stands.',
  request: { params: draftParams, ...jsonBody(noteRequest) },
  responses: {
    200: json(policyDraft, 'Nobody had to be asked, or it was decided before.'),
    202: json(policyDraft, 'Waits for its approval.'),
    ...PROBLEMS,
  },
});

const activate = createRoute({
  method: 'post',
  path: `${path}/activations`,
  tags,
  summary: 'Put an approved draft into force from a date',
  request: { params: draftParams, ...jsonBody(activationRequest) },
  responses: { 200: json(policyDraft, 'It is a version now.'), ...PROBLEMS },
});

const withdraw = createRoute({
  method: 'post',
  path: `${path}/withdrawals`,
  tags,
  summary: 'Take a draft back that is not in force',
  request: { params: draftParams, ...jsonBody(noteRequest) },
  responses: { 200: json(policyDraft, 'It is withdrawn.'), ...PROBLEMS },
});

const rollBack = createRoute({
  method: 'post',
  path: '/v1/policies/{policy}/rollbacks',
  tags,
  summary: 'Bring an older version back as a new one',
  description:
    'Makes a draft of what the older version says, for its channel and region, and submits it: going back is a change as any other. Natural key: draftId.',
  request: {
    params: z.object({ policy: z.string().max(200) }),
    ...jsonBody(rollbackRequest),
  },
  responses: {
    200: json(policyDraft, 'Nobody had to be asked, or it was decided before.'),
    202: json(policyDraft, 'Waits for its approval.'),
    ...PROBLEMS,
  },
});

/** What is done with a draft that is written. */
export function registerDraftActs(app: Api, context: ApiContext): void {
  registerSimulation(app, context);
  registerSubmission(app, context);
  registerActivation(app, context);
  registerRollback(app, context);
}

function registerSimulation(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(simulate, async (hono) => {
    const { policy, draftId } = hono.req.valid('param');
    const draft = await readPolicyDraft(ledger, { policy: policyNamed(policy), draftId });
    return (await answerSimulation(hono, ledger, {
      draft,
      document: documentOf(draft),
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
      at: now(),
    })) as never;
  });
}

function registerSubmission(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(submit, async (hono) => {
    const { policy, draftId } = hono.req.valid('param');
    const named = { policy: policyNamed(policy), draftId };
    const draft = await readPolicyDraft(ledger, named);
    const asked = { actor: hono.get('actor'), at: now() };
    const answer = await submitPolicyDraft(ledger, {
      ...named,
      note: hono.req.valid('json').note ?? null,
      approval: await policyApprovalOf(ledger, draft, asked),
      ...asked,
    });
    return answerSubmission(hono, engine, answer) as never;
  });
}

/** What was submitted as it stands; 202 while it waits. */
function answerSubmission(hono: Context, engine: Engine, answer: DraftAnswer): Response {
  const { state, approvalId } = answer.draft;
  if (state !== 'submitted' || approvalId === null) return answerDraft(hono, answer);
  // Its approval reminds and expires by itself; where it runs already, it goes on.
  engine.start({ processId: approvalId, kind: 'approval' });
  return answerDraft(hono, answer, 202);
}

function registerActivation(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(activate, async (hono) => {
    const { policy, draftId } = hono.req.valid('param');
    const answer = await activatePolicyDraft(ledger, {
      draftId,
      policy: policyNamed(policy),
      activeFrom: hono.req.valid('json').activeFrom ?? null,
      actor: hono.get('actor'),
      at: now(),
    });
    return answerDraft(hono, answer) as never;
  });

  app.openapi(withdraw, async (hono) => {
    const { policy, draftId } = hono.req.valid('param');
    const answer = await withdrawPolicyDraft(ledger, {
      draftId,
      policy: policyNamed(policy),
      note: hono.req.valid('json').note ?? null,
      actor: hono.get('actor'),
      at: now(),
    });
    return answerDraft(hono, answer) as never;
  });
}

function registerRollback(app: Api, { ledger, engine, now }: ApiContext): void {
  app.openapi(rollBack, async (hono) => {
    const policy = policyNamed(hono.req.valid('param').policy);
    const { draftId, toVersion, note, activeFrom } = hono.req.valid('json');
    const old = await readPolicyVersion(ledger, { policy, version: toVersion });
    const { channel, region } = old;
    // What was good once may name roles or fields that are no more.
    const read = readDocument(policy, { document: old.document, channel, region });
    if ('errors' in read) {
      const [first] = read.errors;
      const detail = `Version ${toVersion} fits no longer: ${first?.path}: ${first?.message}.`;
      return problem(hono, 409, 'Conflict', detail) as never;
    }
    const asked = { actor: hono.get('actor'), at: now() };
    const content = { policy, draftId, channel, region, document: read.document };
    const base = await readPolicy(ledger, { policy, channel, region, at: activeFrom ?? asked.at });
    const answer = await rollBackPolicy(ledger, {
      ...content,
      note: note ?? null,
      activeFrom: activeFrom ?? null,
      madeFrom: toVersion,
      approval: await policyApprovalOf(ledger, { ...content, base }, asked),
      ...asked,
    });
    return answerSubmission(hono, engine, answer) as never;
  });
}

function documentOf({ policy, document }: PolicyDraft): PolicyDocument {
  return POLICY_SCHEMAS[policy].parse(document);
}

const REFUSALS: Readonly<Record<DraftRefusal, (draft: PolicyDraft) => string>> = {
  'another-policy': ({ policy }) => `is a draft of the policy ${policy}: choose another name`,
  'not-the-author': ({ author }) => `belongs to ${author}: write one of your own`,
  state: ({ state }) => `is ${state}`,
  unchanged: ({ base }) => `says what version ${base.version} says already`,
  stale: ({ base }) =>
    `changes version ${base.version}, and another is in force by then: write the draft anew`,
  active: ({ activeFrom }) => `is in force from ${activeFrom} already`,
};

/** The draft as it stands, or why nothing was done. */
export function answerDraft(
  hono: Context,
  { reason, draft }: DraftAnswer,
  status: 200 | 202 = 200,
): Response {
  if (reason === null) return hono.json(draftView(draft), status);
  return problem(hono, 409, 'Conflict', `${draft.draftId} ${REFUSALS[reason](draft)}.`);
}
