import { createRoute, z } from '@hono/zod-openapi';
import { rateRisk } from '../../activities/ledger/intake/rate-risk.ts';
import { listRiskRatings } from '../../activities/ledger/read/risk-rating.ts';
import { RISKS } from '../../rules/policy/approval-matrix.ts';
import { note } from '../approval-schemas.ts';
import { speakerOf } from '../approval-word.ts';
import type { Api, ApiContext } from '../context.ts';
import { json, jsonBody, listRoute, PROBLEMS } from '../responses.ts';
import { instant, pageQuery } from '../schemas.ts';

const party = z
  .string()
  .regex(
    /^(?:customer:[1-9]\d{0,17}|supplier:[A-Za-z0-9._-]{1,64})$/,
    'must be customer:<number> or supplier:<id>',
  );
const risk = z.enum(RISKS);

const rating = z
  .object({
    party: z.string(),
    risk,
    reason: z.string(),
    by: z.string(),
    version: z.number().int(),
    ratedAt: instant,
    recordedAt: instant,
  })
  .openapi('RiskRating');

const tags = ['Approvals'];

const list = listRoute({
  path: '/v1/risk-ratings',
  tags,
  summary: 'How customers and suppliers are rated, newest first',
  query: pageQuery.extend({ party: party.optional(), risk: risk.optional() }),
  item: rating,
});

const put = createRoute({
  method: 'put',
  path: '/v1/risk-ratings',
  tags,
  summary: 'Rate how risky it is to trade with a customer or a supplier',
  description:
    'The approval matrix asks by it. What waits for an approval that concerns them starts again where the risk has grown. Natural key: party and content.',
  request: jsonBody(z.strictObject({ party, risk, reason: note.min(1) })),
  responses: { 200: json(rating, 'As it stands.'), ...PROBLEMS },
});

/** Whom approvals are asked for more often, and why. */
export function registerRiskRatingRoutes(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(list, async (hono) =>
    hono.json(await listRiskRatings(ledger, hono.req.valid('query')), 200),
  );
  app.openapi(put, async (hono) => {
    const request = { ...hono.req.valid('json'), actor: speakerOf(hono), at: now() };
    const { rating: stands } = await rateRisk(ledger, request);
    return hono.json(stands, 200);
  });
}
