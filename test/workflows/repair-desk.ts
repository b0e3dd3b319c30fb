import { OpenAPIHono } from '@hono/zod-openapi';
import type { RequestVariables } from '../../api/context.ts';
import { registerRepairRoutes } from '../../api/routes/repairs.ts';
import type { TestLoopline } from '../support/loopline.ts';

export interface RepairAnswer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Record<string, unknown>;
}

/** Repairs processes as an operator does, over the route and the real engine behind it. `now` is the time of the trade. */
export function repairDesk({ ledger, engine }: TestLoopline, now: string) {
  const app = new OpenAPIHono<RequestVariables>();
  app.use(async (hono, next) => {
    hono.set('actor', 'operator');
    await next();
  });
  registerRepairRoutes(app, { ledger, engine, now: () => now });
  return async (processId: string, repair: object): Promise<RepairAnswer> => {
    const response = await app.request(`/v1/processes/${encodeURIComponent(processId)}/repairs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(repair),
    });
    return {
      status: response.status,
      replayed: response.headers.get('Idempotent-Replayed') === 'true',
      body: (await response.json()) as Record<string, unknown>,
    };
  };
}
