import type { ApiShop } from './api-shop.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

/** What of each kind of record people are asked about. */
const ASKED: Readonly<Record<string, object>> = {
  skus: { costMethod: 'fifo' },
  suppliers: { name: 'Other' },
  nodes: { country: 'FR' },
  channels: { trustsFile: true },
};

/** Puts a record of each kind, and then another one in its place, which waits for people. */
export async function askForChanges(shop: ApiShop): Promise<void> {
  for (const [noun, change] of Object.entries(ASKED)) {
    const route = ROUTES_WITH_BODIES[`PUT /v1/${noun}`];
    if (route === undefined) throw new Error(`no route puts ${noun}`);
    const { path, body } = await route.prepare(shop);
    await shop.call('PUT', path, { body: [body] });
    await shop.call('PUT', path, { body: [{ ...body, ...change }] });
  }
}
