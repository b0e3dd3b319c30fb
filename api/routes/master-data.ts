import { createRoute, z } from '@hono/zod-openapi';
import { putCustomers, type EditResult } from '../../activities/ledger/intake/master-data.ts';
import {
  listChannels,
  listCustomers,
  listNodes,
  listSkus,
  listSuppliers,
} from '../../activities/ledger/read/master-data.ts';
import { elementFault } from '../access/found-route.ts';
import type { Api, ApiContext } from '../context.ts';
import { editMasterData } from '../master-data-edits.ts';
import { fieldErrors, problemSchema, type FieldError } from '../problem.ts';
import { currency, decimal, instant, pageOf, pageQuery, price } from '../schemas.ts';
import { unstorable } from '../storable.ts';
import { putSuppliersFor } from '../supplier-changes.ts';

const MAX_ELEMENTS = 500;

const code = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, underscores or dashes');
const channelName = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 small letters, digits or dashes');
const text = z.string().min(1).max(500);
const days = z.number().int().min(0).max(3650);
const country = z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code of two letters');
const email = z.email().max(320);

const skuSchema = z.strictObject({
  sku: z.string().min(1).max(120),
  description: z.string().max(500).default(''),
  unitOfMeasure: z.literal('each').default('each'),
  barcode: z.string().min(1).max(64).nullish(),
  class: z.enum(['A', 'B', 'C']).default('B'),
  costMethod: z.enum(['fifo', 'average', 'standard']).default('fifo'),
  standardCost: price.nullish(),
  supplier: code.nullish(),
  supplierPrice: price.nullish(),
  minimumQuantity: z.number().int().positive().max(10_000_000).optional(),
  multipleQuantity: z.number().int().positive().max(10_000_000).optional(),
  leadTimeDays: days.nullish(),
});

const supplierSchema = z.strictObject({
  supplier: code,
  name: text,
  currency,
  leadTimeDays: days,
  email: email.nullish(),
});

const nodeSchema = z.strictObject({
  node: code,
  name: text,
  country,
  priority: z.number().int().min(0).max(1_000_000).default(100),
});

const channelSchema = z.strictObject({
  channel: channelName,
  name: text,
  kind: z.enum(['web-shop', 'marketplace', 'b2b-portal']),
  backorder: z.enum(['allow', 'refuse']).nullish(),
  trustsFile: z.boolean().optional(),
  nodes: z
    .array(code)
    .min(1)
    .max(100)
    .nullish()
    .openapi({ description: 'The nodes that send its orders; all, where it is left out' }),
});

const customerSchema = z.strictObject({
  channel: channelName,
  externalId: z.string().min(1).max(200),
  name: text.nullish(),
  email: email.nullish(),
});

const outcome = {
  result: z.enum(['created', 'updated', 'unchanged', 'waiting', 'refused']),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  changeId: z
    .string()
    .optional()
    .openapi({ description: 'Of one that waits: the change that people are asked about' }),
  approvalId: z.string().optional(),
  fields: z
    .array(z.string())
    .optional()
    .openapi({ description: 'What of it waits; the rest is written' }),
};
const recorded = { recordedAt: instant };

/**
 * PUT and GET of SKUs, suppliers, nodes, channels and customers. A PUT takes an array of up to 500
 * elements and answers 207 with one result each, in order; an element replaces what is known. What the approval
 * matrix asks people about waits for them.
 */
export function registerMasterDataRoutes(app: Api, context: ApiContext): void {
  const { ledger } = context;
  putRoute(app, '/v1/skus', 'SKUs', ['Sku', skuSchema], ['sku'], (skus, actor) =>
    editMasterData(context, 'sku', actor, skus),
  );
  putRoute(
    app,
    '/v1/suppliers',
    'suppliers',
    ['Supplier', supplierSchema],
    ['supplier'],
    (suppliers, actor) => putSuppliersFor(context, actor, suppliers),
  );
  putRoute(app, '/v1/nodes', 'nodes', ['Node', nodeSchema], ['node'], (nodes, actor) =>
    editMasterData(context, 'node', actor, nodes),
  );
  putRoute(
    app,
    '/v1/channels',
    'channels',
    ['Channel', channelSchema],
    ['channel'],
    (channels, actor) => editMasterData(context, 'channel', actor, channels),
  );
  putRoute(
    app,
    '/v1/customers',
    'customers',
    ['Customer', customerSchema],
    ['channel', 'externalId'],
    async (customers) => (await putCustomers(ledger, customers)).results,
  );
  registerLists(app, context);
}

function putRoute<Schema extends z.ZodObject>(
  app: Api,
  path: string,
  noun: string,
  [name, element]: readonly [string, Schema],
  keys: readonly string[],
  put: (elements: z.output<Schema>[], actor: string) => Promise<EditResult[]>,
): void {
  app.openAPIRegistry.register(name, element);
  const keyFields = Object.fromEntries(keys.map((key) => [key, z.string().optional()]));
  const route = createRoute({
    method: 'put',
    path,
    tags: ['Master data'],
    summary: `Create or replace up to ${MAX_ELEMENTS} ${noun}`,
    description:
      'Each element has a result of its own. What the approval matrix asks people about is answered as `waiting`, with the fields that wait; the rest of the element is written.',
    request: {
      body: {
        required: true,
        // Elements are judged one by one below, so that a bad one fails alone.
        content: {
          'application/json': {
            schema: z
              .array(z.unknown())
              .min(1)
              .max(MAX_ELEMENTS)
              .openapi({ type: 'array', items: { $ref: `#/components/schemas/${name}` } }),
          },
        },
      },
    },
    responses: {
      207: {
        description: 'One result each, in the order given',
        content: {
          'application/json': {
            schema: z.object({ results: z.array(z.object({ ...keyFields, ...outcome })) }),
          },
        },
      },
      422: problemResponse('The body is no array of 1 to 500 elements'),
    },
  });
  app.openapi(route, async (hono) => {
    const given: unknown[] = hono.req.valid('json');
    const refused = hono.get('refusedElements');
    const judged = given.map((value, index) => {
      const refusal = refused?.get(index);
      if (refusal === undefined) return judge(element, value);
      return { data: undefined, errors: [elementFault(refusal)] };
    });
    const valid = judged.flatMap(({ data }) => (data === undefined ? [] : [data]));
    const stored = valid.length === 0 ? [] : await put(valid, hono.get('actor'));
    const results: EditResult[] = [];
    let next = 0;
    for (const [index, { data, errors }] of judged.entries()) {
      const kept = data === undefined ? undefined : stored[next++];
      results.push(kept ?? refusedElement(given[index], keys, errors));
    }
    return hono.json({ results } as never, 207);
  });
}

/** What is to be stored of an element, or what is wrong with it. */
function judge<Schema extends z.ZodObject>(
  element: Schema,
  value: unknown,
): { data?: z.output<Schema>; errors: FieldError[] } {
  const broken = unstorable(value);
  if (broken.length > 0) return { errors: broken };
  const parsed = element.safeParse(value);
  if (parsed.success) return { data: parsed.data, errors: [] };
  return { errors: fieldErrors(parsed.error.issues) };
}

/** A bad element's result names it as far as it can be read. */
function refusedElement(
  value: unknown,
  keys: readonly string[],
  errors: readonly FieldError[],
): EditResult {
  const named = keys.flatMap((key) => {
    const field: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    return typeof field === 'string' ? [[key, field] as const] : [];
  });
  return { ...Object.fromEntries(named), result: 'refused', errors };
}

function problemResponse(description: string) {
  const content: Record<string, { schema: typeof problemSchema }> = {
    'application/problem+json': { schema: problemSchema },
  };
  return { description, content };
}

const listSpec = <Query extends z.ZodObject, Item extends z.ZodType>(
  path: string,
  noun: string,
  query: Query,
  item: Item,
) =>
  createRoute({
    method: 'get',
    path,
    tags: ['Master data'],
    summary: `${noun}, newest first`,
    request: { query },
    responses: {
      200: { description: 'One page', content: { 'application/json': { schema: pageOf(item) } } },
      422: problemResponse('A filter or the cursor is not valid'),
    },
  });

const nullable = <Type extends z.ZodType>(type: Type) => type.nullable();

const skuView = z.object({
  sku: z.string(),
  description: z.string(),
  unitOfMeasure: z.string(),
  barcode: nullable(z.string()),
  class: z.string(),
  costMethod: z.string(),
  standardCost: nullable(decimal),
  supplier: nullable(z.string()),
  supplierPrice: nullable(decimal),
  minimumQuantity: nullable(z.number().int()),
  multipleQuantity: nullable(z.number().int()),
  leadTimeDays: nullable(z.number().int()),
  ...recorded,
});

function registerLists(app: Api, { ledger }: ApiContext): void {
  const skuQuery = pageQuery.extend({
    sku: z.string().optional(),
    supplier: z.string().optional(),
    class: z.string().optional(),
  });
  app.openapi(listSpec('/v1/skus', 'SKUs', skuQuery, skuView), async (hono) =>
    hono.json(await listSkus(ledger, hono.req.valid('query')), 200),
  );

  const supplierView = z.object({
    supplier: z.string(),
    name: z.string(),
    currency: z.string(),
    leadTimeDays: z.number().int(),
    email: nullable(z.string()),
    ...recorded,
  });
  app.openapi(listSpec('/v1/suppliers', 'Suppliers', pageQuery, supplierView), async (hono) =>
    hono.json(await listSuppliers(ledger, hono.req.valid('query')), 200),
  );

  const nodeView = z.object({
    node: z.string(),
    name: z.string(),
    country: z.string(),
    priority: z.number().int(),
    ...recorded,
  });
  app.openapi(listSpec('/v1/nodes', 'Nodes', pageQuery, nodeView), async (hono) =>
    hono.json(await listNodes(ledger, hono.req.valid('query')), 200),
  );

  const channelView = z.object({
    channel: z.string(),
    name: z.string(),
    kind: z.string(),
    backorder: nullable(z.string()),
    trustsFile: z.boolean(),
    nodes: nullable(z.array(z.string())),
    ...recorded,
  });
  app.openapi(listSpec('/v1/channels', 'Channels', pageQuery, channelView), async (hono) =>
    hono.json(await listChannels(ledger, hono.req.valid('query')), 200),
  );

  const customerView = z.object({
    id: z.string(),
    channel: z.string(),
    externalId: z.string(),
    name: nullable(z.string()),
    email: nullable(z.string()),
    ...recorded,
  });
  const customerQuery = pageQuery.extend({
    channel: z.string().optional(),
    externalId: z.string().optional(),
  });
  app.openapi(listSpec('/v1/customers', 'Customers', customerQuery, customerView), async (hono) =>
    hono.json(
      await listCustomers(ledger, { ...hono.req.valid('query'), within: hono.get('within') }),
      200,
    ),
  );
}
