import { createRoute, z } from '@hono/zod-openapi';
import { eraseCustomer } from '../../activities/ledger/intake/erase-customer.ts';
import { exportCustomer } from '../../activities/ledger/intake/export-customer.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, PROBLEMS } from '../responses.ts';
import { idPart, instant } from '../schemas.ts';

const tags = ['Customers'];
const params = z.object({
  id: idPart.openapi({ description: 'As the list of customers says', example: 'customer:17' }),
});
const reason = z.string().min(1).max(200).openapi({
  description: 'Kept in the audit for ever: say which request it was, and name nobody',
});

const held = z.array(z.looseObject({}));

const documentView = z
  .object({
    customer: z.object({
      id: z.string(),
      channel: z.string(),
      externalId: z.string(),
      name: z.string().nullable(),
      email: z.string().nullable(),
      erasedAt: instant.nullable(),
      recordedAt: instant,
    }),
    riskRatings: held,
    orders: held,
    returns: held,
    goodwill: held,
    entries: held,
    credits: held,
    mails: held,
    refusedOrders: held,
    approvals: held,
    exceptions: held,
    exportedAt: instant,
  })
  .openapi('CustomerDocument');

const exportRoute = createRoute({
  method: 'post',
  path: '/v1/customers/{id}/exports',
  tags,
  summary: 'Everything that is held of one customer',
  description:
    'For the person who asks what we know. It leaves a row in the audit. Natural key: exportId, of one actor; a repeat reads anew.',
  request: { params, ...jsonBody(z.strictObject({ exportId: idPart, reason })) },
  responses: { 200: json(documentView, 'What is held, as of now.'), ...PROBLEMS },
});

const erasureView = z
  .object({
    customerId: z.string(),
    erasedAt: instant,
    erased: z
      .object({
        orders: z.number().int(),
        payments: z.number().int(),
        mails: z.number().int(),
        refusedOrders: z.number().int(),
      })
      .nullable()
      .openapi({
        description: 'Rows that the person was taken out of; null when that was done before',
      }),
  })
  .openapi('Erasure');

const eraseRoute = createRoute({
  method: 'post',
  path: '/v1/customers/{id}/erasures',
  tags,
  summary: 'Erase the personal data of one customer',
  description:
    'Amounts, ids, invoices and the country delivered to stay, as the law wants them kept. Answers 409 while an order, a return or anything else of the customer is under way. Natural key: erasureId.',
  request: { params, ...jsonBody(z.strictObject({ erasureId: idPart, reason })) },
  responses: { 200: json(erasureView, 'Nothing of the person is held any more.'), ...PROBLEMS },
});

/** What is held of one customer: shown to that person, and erased. */
export function registerCustomerRoutes(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(exportRoute, async (hono) => {
    const { replayed, ...document } = await exportCustomer(ledger, {
      customerId: hono.req.valid('param').id,
      ...hono.req.valid('json'),
      actor: hono.get('actor'),
      at: now(),
    });
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    return hono.json(document as never, 200);
  });

  app.openapi(eraseRoute, async (hono) => {
    const { id } = hono.req.valid('param');
    const { state, customerId, erasedAt, erased, underWay, replayed } = await eraseCustomer(
      ledger,
      {
        customerId: id,
        ...hono.req.valid('json'),
        actor: hono.get('actor'),
        at: now(),
      },
    );
    if (state === 'under-way') {
      const detail = `${id} cannot be erased yet: ${underWay.join(', ')} ${underWay.length === 1 ? 'is' : 'are'} not over.`;
      return problem(hono, 409, 'Conflict', detail) as never;
    }
    if (replayed) hono.header('Idempotent-Replayed', 'true');
    return hono.json({ customerId, erasedAt, erased } as never, 200);
  });
}
