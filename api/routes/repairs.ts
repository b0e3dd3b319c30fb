import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { requestRepair } from '../../activities/ledger/intake/repair-process.ts';
import {
  REPAIR_STATES,
  REPAIRS,
  type RepairAction,
  type RepairState,
} from '../../rules/exception/repairs.ts';
import { SKIPPABLE_STEPS } from '../../rules/exception/skippable-steps.ts';
import { actedAt, factId } from '../approval-schemas.ts';
import { carryOutReset } from '../carry-out-reset.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS, refused } from '../responses.ts';
import { idPart, instant } from '../schemas.ts';

const ACTION_NAMES = Object.keys(REPAIRS) as [RepairAction, ...RepairAction[]];
const STATE_NAMES = Object.keys(REPAIR_STATES) as [RepairState, ...RepairState[]];

const repairSchema = z
  .object({
    processId: z.string(),
    repairId: z.string(),
    action: z.enum(ACTION_NAMES),
    step: z.string().nullable(),
    reason: z.string(),
    rootCause: z.string().nullable(),
    actor: z.string(),
    state: z.enum(STATE_NAMES),
    outcome: z
      .record(z.string(), z.any())
      .openapi({ description: 'Of a reset: the run that goes on' }),
    exceptionIds: z.array(z.string()).openapi({ description: 'The entries that it settles' }),
    requestedAt: instant,
    endedAt: instant.nullable(),
  })
  .openapi('Repair');

const repair = createRoute({
  method: 'post',
  path: '/v1/processes/{id}/repairs',
  tags: ['Processes'],
  summary: 'Let a process go on: retry, skip a step, or reset to one',
  description: `The repair is named by repairId, else by the Idempotency-Key header. \`skip\` and \`reset\` need a step; a process stands at the one that its exception names in \`evidence.step\`. What can be left out is ${Object.keys(SKIPPABLE_STEPS).join(', ')}.`,
  request: {
    params: z.object({ id: idPart }),
    headers: z.object({ 'idempotency-key': factId.optional() }),
    ...jsonBody(
      z
        .strictObject({
          repairId: factId.optional(),
          action: z.enum(ACTION_NAMES),
          step: z.string().min(1).max(120).optional(),
          reason: z.string().min(1).max(500),
          rootCause: z
            .string()
            .max(64)
            .optional()
            .openapi({ description: 'One that the entries offer; not-investigated when left out' }),
          occurredAt: actedAt,
        })
        .superRefine(({ action, step }, refine) => {
          if (action !== 'retry' && step === undefined)
            refine.addIssue({ code: 'custom', path: ['step'], message: `${action} needs a step` });
        }),
    ),
  },
  responses: {
    200: json(repairSchema, 'Carried out.'),
    202: json(
      repairSchema,
      'Stored: the engine did not answer, and the reset is carried out when it does. The same request tells what became of it.',
    ),
    ...PROBLEMS,
    409: refused('The process has ended, or the repair came to nothing; `detail` says why.'),
  },
});

type RepairContext = Pick<ApiContext, 'ledger' | 'engine' | 'now'>;

/** What an operator does about processes that stand still; nobody else needs to know the engine. */
export function registerRepairRoutes(app: Api, context: RepairContext): void {
  app.openapi(repair, async (hono) => {
    const { repairId: given, ...body } = hono.req.valid('json');
    const repairId = given ?? hono.req.valid('header')['idempotency-key'] ?? randomUUID();
    const { id: processId } = hono.req.valid('param');
    const actor = hono.get('actor');
    const stored = await requestRepair(context.ledger, {
      ...body,
      processId,
      repairId,
      actor,
      at: context.now(),
    });
    if (!stored.applied)
      return problem(
        hono,
        409,
        'Conflict',
        `${processId} has ended, and nothing is wrong with it.`,
      );
    const isPending = stored.repair.state === 'pending';
    const settled = isPending ? await carryOutReset(context, stored.repair) : stored.repair;
    if (settled === undefined) {
      hono.header('Retry-After', '1');
      return hono.json(stored.repair, 202);
    }
    if (settled.state === 'failed') {
      const { message } = settled.outcome;
      const why = typeof message === 'string' ? message : 'the repair came to nothing';
      return problem(hono, 409, 'Conflict', `${processId}: ${why}.`);
    }
    if (stored.replayed && !isPending) hono.header('Idempotent-Replayed', 'true');
    else context.engine.nudge();
    return hono.json(settled, 200);
  });
}
