import type postgres from 'postgres';
import type { BoardException } from '../../activities/ledger/read/exception.ts';
import { readException } from '../../activities/ledger/read/exception.ts';
import type { Json } from '../../activities/ledger/connect.ts';
import type { TestLedger } from '../support/ledger.ts';

export const MONDAY = '2026-03-02T12:00:00.000Z';

/** So many hours after Monday noon. */
export function hoursOn(hours: number): string {
  return new Date(Date.parse(MONDAY) + hours * 3_600_000).toISOString();
}

interface Trouble {
  readonly kind: string;
  readonly subject?: string;
  readonly process?: string | null;
  readonly discriminator?: string;
  readonly evidence?: Record<string, Json>;
  readonly at?: string;
}

/** Raises trouble as any function of the ledger does; answers the entry's id. */
export async function raise(
  { owner }: Pick<TestLedger, 'owner'>,
  trouble: Trouble,
): Promise<string> {
  const {
    kind,
    subject = 'order:web:1',
    process = null,
    discriminator = '',
    at = MONDAY,
  } = trouble;
  const evidence = owner.json(trouble.evidence ?? {});
  const [row] = await owner<{ id: string }[]>`
    select ledger.raise_exception(${kind}, ${subject}, ${process}, ${discriminator}, ${evidence}, ${at}::timestamptz) as id`;
  return row?.id ?? '';
}

/** The trouble is over by itself. */
export async function heal({ owner }: Pick<TestLedger, 'owner'>, trouble: Trouble): Promise<void> {
  const { kind, subject = 'order:web:1', discriminator = '', at = MONDAY } = trouble;
  await owner`select ledger.heal_exception(${kind}, ${subject}, ${discriminator}, ${at}::timestamptz)`;
}

/** What happened to an entry, by name. */
export async function eventsOf({ ledger }: TestLedger, exceptionId: string): Promise<string[]> {
  const { events } = await readException(ledger, { exceptionId });
  return events.map(({ event }) => event);
}

export async function entry({ ledger }: TestLedger, exceptionId: string): Promise<BoardException> {
  return readException(ledger, { exceptionId });
}

/** An order of a class, at a node and for a country, with nothing but what the board asks of it. */
export async function placeFor(
  owner: postgres.Sql,
  order: { id: string; channel: string; country: string; node: string; orderClass: string },
): Promise<void> {
  const { id, channel, country, node, orderClass } = order;
  await owner`insert into ledger.node (node, name, country) values (${node}, ${node}, ${country}) on conflict do nothing`;
  await owner`insert into ledger.channel (channel, name, kind) values (${channel}, ${channel}, 'web-shop') on conflict do nothing`;
  await owner`
    insert into ledger.orders (order_id, channel, external_id, class, currency, ship_to, state, total_minor, placed_at)
    values (${id}, ${channel}, ${id}, ${orderClass}, 'GBP', ${owner.json({ country })}, 'released', 1000, ${MONDAY})`;
  await owner`
    insert into ledger.shipment (shipment_id, order_id, node, state, released_at)
    values (${`shipment:${id}`}, ${id}, ${node}, 'released', ${MONDAY})`;
}
