import { createRoute, z } from '@hono/zod-openapi';
import { putPolicyDraft } from '../../activities/ledger/intake/policy-drafts.ts';
import {
  listPolicies,
  listPolicyVersions,
  readPolicy,
  readPolicyDraft,
} from '../../activities/ledger/read/policies.ts';
import type { Api, ApiContext } from '../context.ts';
import { draftView, policyNamed, readDocument } from '../policy-document.ts';
import {
  draftName,
  draftRequest,
  policyDraft,
  policyOverview,
  policyVersion,
  scopeChannel,
  scopeRegion,
} from '../policy-schemas.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS, readRoute } from '../responses.ts';
import { instant, pageOf, pageQuery } from '../schemas.ts';
import { answerDraft, registerDraftActs } from './policy-drafts.ts';

const tags = ['Policies'];
const policyParam = z.object({ policy: z.string().max(200) });
const draftParams = policyParam.extend({ draftId: z.string().max(200) });

const list = createRoute({
  method: 'get',
  path: '/v1/policies',
  tags,
  summary:
    'Every policy: what is in force, where something else holds, what is to come, open drafts',
  responses: { 200: json(policyOverview, 'All policies.'), ...PROBLEMS },
});

const read = createRoute({
  method: 'get',
  path: '/v1/policies/{policy}',
  tags,
  summary: 'The version of a policy in force for a channel and a region',
  description:
    'The narrower scope goes first: channel and region, the channel, the region, everywhere.',
  request: {
    params: policyParam,
    query: z.strictObject({
      channel: scopeChannel.default('*'),
      region: scopeRegion.default('*'),
      at: instant.optional().openapi({ description: 'In force at this time; now, when left out' }),
    }),
  },
  responses: { 200: json(policyVersion, 'The version in force.'), ...PROBLEMS },
});

const versions = createRoute({
  method: 'get',
  path: '/v1/policies/{policy}/versions',
  tags,
  summary: 'The versions of a policy, newest first',
  request: {
    params: policyParam,
    query: pageQuery.extend({
      channel: scopeChannel.optional(),
      region: scopeRegion.optional(),
    }),
  },
  responses: { 200: json(pageOf(policyVersion), 'One page.'), ...PROBLEMS },
});

const write = createRoute({
  method: 'put',
  path: '/v1/policies/{policy}/drafts/{draftId}',
  tags,
  summary: 'Write a draft of a policy, or write it anew',
  description:
    'A draft says the whole document. It belongs to whoever wrote it first, and can be written anew until it is submitted. The answer tells its changes in words.',
  request: { params: policyParam.extend({ draftId: draftName }), ...jsonBody(draftRequest) },
  responses: { 200: json(policyDraft, 'The draft.'), ...PROBLEMS },
});

const readDraft = readRoute({
  path: '/v1/policies/{policy}/drafts/{draftId}',
  tags,
  summary: 'A draft with what it changes, in words, and what has happened to it',
  params: draftParams,
  view: policyDraft,
});

/** Policies: what is in force, their versions, and the drafts that change them. */
export function registerPolicyRoutes(app: Api, context: ApiContext): void {
  registerReads(app, context);
  registerWriting(app, context);
  registerDraftActs(app, context);
}

function registerReads(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json((await listPolicies(ledger, { at: now() })) as never, 200),
  );

  app.openapi(read, async (hono) => {
    const policy = policyNamed(hono.req.valid('param').policy);
    const { channel, region, at = now() } = hono.req.valid('query');
    return hono.json((await readPolicy(ledger, { policy, channel, region, at })) as never, 200);
  });

  app.openapi(versions, async (hono) => {
    const policy = policyNamed(hono.req.valid('param').policy);
    return hono.json(
      (await listPolicyVersions(ledger, { policy, ...hono.req.valid('query') })) as never,
      200,
    );
  });

  app.openapi(readDraft, async (hono) => {
    const { policy, draftId } = hono.req.valid('param');
    const draft = await readPolicyDraft(ledger, { policy: policyNamed(policy), draftId });
    return hono.json(draftView(draft) as never, 200);
  });
}

function registerWriting(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(write, async (hono) => {
    const { policy: name, draftId } = hono.req.valid('param');
    const policy = policyNamed(name);
    const { channel, region, note, activeFrom, ...body } = hono.req.valid('json');
    const read = readDocument(policy, { ...body, channel, region });
    if ('errors' in read) {
      const [first] = read.errors;
      const detail = `${first?.path}: ${first?.message}`;
      return problem(hono, 422, 'InvalidInput', detail, read.errors) as never;
    }
    const answer = await putPolicyDraft(ledger, {
      draftId,
      policy,
      channel,
      region,
      document: read.document,
      note: note ?? null,
      activeFrom: activeFrom ?? null,
      madeFrom: null,
      actor: hono.get('actor'),
      at: now(),
    });
    return answerDraft(hono, answer) as never;
  });
}
