import { fresh, type ApiShop } from './api-shop.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { seg, type Body } from './samples.ts';

const ISSUER = 'https://people.example';
const REACH = { nodes: '*', channels: ['web'], regions: ['GB'], amountMinor: '50000' };

/** A person with every field that the description knows. */
const person = (): Body => {
  const name = fresh('p').toLowerCase();
  return {
    id: `person:${name}`,
    issuer: ISSUER,
    subject: name,
    loginEmail: `${name}@shop.example`,
    name: 'Anna Ade',
    email: `${name}@shop.example`,
    roles: ['support'],
    reach: REACH,
    returns: false,
  };
};

/** A key for a connector with every field. */
const serviceKey = (): Body => ({
  name: fresh('key'),
  roles: ['connector'],
  scopes: ['orders:read', 'orders:place'],
  reach: REACH,
  lifetimeDays: 30,
});

/** Makes a key; answers its id and the whole of it. */
async function makeKey(shop: ApiShop, body = serviceKey()): Promise<{ id: string; key: string }> {
  const answer = await shop.call('POST', '/v1/keys', { body });
  if (answer.status !== 201)
    throw new Error(`the key was answered ${answer.status} ${answer.text}`);
  return { id: String(answer.body['id']), key: String(answer.body['key']) };
}

/** Routes with a body that say who may do what. */
export const ACCESS_ROUTES: Readonly<Record<string, RouteWithBody>> = {
  'PUT /v1/people': {
    status: 207,
    repeat: 'by-content',
    elements: 'body',
    prepare: () => ({ path: '/v1/people', body: person() }),
  },
  'POST /v1/keys': {
    status: 201,
    repeat: 'apart',
    prepare: () => ({ path: '/v1/keys', body: serviceKey() }),
  },
  'POST /v1/keys/{id}/rotations': {
    status: 201,
    repeat: 'apart',
    prepare: async (shop) => ({
      path: `/v1/keys/${seg((await makeKey(shop)).id)}/rotations`,
      body: { overlapHours: 1, lifetimeDays: 30 },
    }),
    unknown: ({ body }) => ({ path: '/v1/keys/00000000000/rotations', body }),
  },
};
