import { z } from '@hono/zod-openapi';
import { listColleagues } from '../../activities/ledger/read/people.ts';
import { roles } from '../access-schemas.ts';
import { personId } from '../approval-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { listRoute } from '../responses.ts';
import { pageQuery } from '../schemas.ts';

const list = listRoute({
  path: '/v1/colleagues',
  tags: ['People'],
  summary: 'Who works here now, by name: whom the ids in approvals and exceptions name',
  query: pageQuery.extend({ personId: personId.optional() }),
  item: z.object({ personId: z.string(), name: z.string(), roles }).openapi('Colleague'),
});

/** Whom one may ask, delegate to and assign: no address, no reach and nobody who has left. */
export function registerColleagueRoutes(app: Api, { ledger }: ApiContext): void {
  app.openapi(list, async (hono) => {
    const { data, nextCursor } = await listColleagues(ledger, hono.req.valid('query'));
    const shown = data.map(({ roles: held, ...colleague }) => ({ ...colleague, roles: [...held] }));
    return hono.json({ data: shown, nextCursor }, 200);
  });
}
