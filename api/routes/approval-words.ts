import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { ApprovalWord } from '../../activities/ledger/read/approval-case.ts';
import { approvalSchema, factId, note, personId, wordBody } from '../approval-schemas.ts';
import { answerRefusal, judgeScope, refusalOf, sayWord, speakerOf } from '../approval-word.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, jsonBody, PROBLEMS, refused } from '../responses.ts';
import { idPart } from '../schemas.ts';

const params = z.object({ id: idPart });
const headers = z.object({ 'idempotency-key': factId.optional() });

const responses = {
  200: json(approvalSchema, 'It counts.'),
  202: json(
    z.object({ state: z.literal('pending'), decisionId: z.string() }),
    'Stored; its process has not taken it yet.',
  ),
  403: refused('This person may not; `rule` says why.'),
  410: refused('The request was withdrawn.'),
  ...PROBLEMS,
} as const;

/** A route of its own for everything else that people say about an approval. */
function wordRoute<Path extends string, Body extends z.ZodObject>(
  path: Path,
  body: Body,
  text: { summary: string; description: string },
) {
  return createRoute({
    method: 'post',
    path,
    tags: ['Approvals'],
    ...text,
    request: { params, headers, ...jsonBody(body) },
    responses,
  });
}

/** Words that say something: these exist for what they say. */
const said = { ...wordBody, note: note.min(1) };

const comments = wordRoute('/v1/approvals/{id}/comments', z.strictObject(said), {
  summary: 'Comment',
  description: 'Kept with the approval for ever; changes nothing, and may come after its end.',
});

const questions = wordRoute(
  '/v1/approvals/{id}/questions',
  z.strictObject({ ...said, askee: personId }),
  {
    summary: 'Ask somebody for information',
    description:
      'Whoever may decide asks. The clock stops until the person answers, or for so long.',
  },
);

const answers = wordRoute('/v1/approvals/{id}/answers', z.strictObject(said), {
  summary: 'Answer a question',
  description: 'Whoever was asked answers. The clock runs on.',
});

const changes = wordRoute('/v1/approvals/{id}/changes', z.strictObject(said), {
  summary: 'Return for change',
  description:
    'Whoever may decide gives it back to its requester, who brings it back or withdraws it.',
});

const resubmissions = wordRoute('/v1/approvals/{id}/resubmissions', z.strictObject(wordBody), {
  summary: 'Bring back what was returned',
  description: 'The requester does. The approval starts again, by the facts of today.',
});

const withdrawals = wordRoute('/v1/approvals/{id}/withdrawals', z.strictObject(wordBody), {
  summary: 'Withdraw a request',
  description: 'The requester does, as long as it is open. What was asked for is not done.',
});

const reassignments = wordRoute(
  '/v1/approvals/{id}/reassignments',
  z.strictObject({
    ...wordBody,
    seat: z.strictObject({
      kind: z.enum(['role', 'person']),
      name: z.string().min(1).max(200),
      escalation: z.boolean().default(false),
    }),
    to: personId,
  }),
  {
    summary: 'Give it to another decider',
    description:
      'Whoever may decide in their own right does, or whoever the policy names; to somebody who may decide it, never to themself.',
  },
);

interface Said {
  readonly decisionId?: string | undefined;
  readonly run?: number | undefined;
  readonly level?: number | undefined;
  readonly note?: string | undefined;
  readonly occurredAt?: string | undefined;
}

interface Request {
  readonly id: string;
  readonly key: string | undefined;
  readonly body: Said;
  readonly word: ApprovalWord;
  /** Whether it takes the scope of a decision. */
  readonly decides?: boolean;
}

type Hono = Parameters<typeof speakerOf>[0];

/** Comments, questions and answers, and what moves a request from one hand to another. */
export function registerApprovalWordRoutes(app: Api, context: ApiContext): void {
  const { now } = context;
  /** The typed answers of the seven routes are one and the same. */
  const say = async (hono: Hono, { id, key, body, word, decides }: Request): Promise<never> => {
    const barred = decides === true ? (await judgeScope(hono, context, id)).refusal : undefined;
    if (barred !== undefined) return answerRefusal(hono, barred) as never;
    const { decisionId = key ?? randomUUID(), ...rest } = body;
    const request = { ...rest, approvalId: id, decisionId, word, actor: speakerOf(hono) };
    const submission = await sayWord(context, { ...request, at: now() });
    if (submission === undefined) {
      hono.header('Retry-After', '1');
      return hono.json({ state: 'pending', decisionId }, 202) as never;
    }
    if (submission.replayed) hono.header('Idempotent-Replayed', 'true');
    const refusal = refusalOf(submission);
    const { approval } = submission;
    return (
      refusal === undefined ? hono.json(approval, 200) : answerRefusal(hono, refusal)
    ) as never;
  };
  const named = (hono: { req: { valid(target: 'param'): { id: string } } }) =>
    hono.req.valid('param').id;
  const keyed = (hono: {
    req: { valid(target: 'header'): { 'idempotency-key'?: string | undefined } };
  }) => hono.req.valid('header')['idempotency-key'];
  const plain = [
    [comments, 'comment', false],
    [answers, 'give-information', false],
    [changes, 'return-for-change', true],
    [resubmissions, 'resubmit', false],
    [withdrawals, 'withdraw', false],
  ] as const;
  for (const [route, kind, decides] of plain) {
    app.openapi(route, (hono) =>
      say(hono, {
        id: named(hono),
        key: keyed(hono),
        body: hono.req.valid('json'),
        word: { kind },
        decides,
      }),
    );
  }
  app.openapi(questions, (hono) => {
    const { askee, ...body } = hono.req.valid('json');
    const word = { kind: 'ask-information', askee } as const;
    return say(hono, { id: named(hono), key: keyed(hono), body, word, decides: true });
  });
  app.openapi(reassignments, (hono) => {
    const { seat, to, ...body } = hono.req.valid('json');
    const word = { kind: 'reassign', seat, to } as const;
    return say(hono, { id: named(hono), key: keyed(hono), body, word });
  });
}
