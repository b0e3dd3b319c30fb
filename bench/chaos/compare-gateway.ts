import { compareMaps, repeated, type Comparison } from './comparison.ts';
import { externalIdOf } from './orders.ts';
import { factsOf, mapOf, SIDES, textIn, type Ask } from './provider-book.ts';
import type { BookFact } from './sim-books.ts';

/** Of references that a channel authorized itself, before it sent the order. */
const CHANNELS_OWN = 'channel-';

/** Captures and refunds both ways by the ledger's id of each, and what is still held of buyers' money. */
export async function compareGateway(ask: Ask, book: readonly BookFact[]): Promise<Comparison[]> {
  return [
    await compareOperations(ask, book, 'capture'),
    await compareOperations(ask, book, 'refund'),
    await compareMoneyHeld(ask, book),
    await compareAuthorizations(ask, book),
  ];
}

/** An operation's name at the gateway is the ledger's id of it, so it can be found twice there. */
async function compareOperations(
  ask: Ask,
  book: readonly BookFact[],
  kind: 'capture' | 'refund',
): Promise<Comparison> {
  const done = factsOf(book, kind).filter((fact) => fact['status'] === 'succeeded');
  const theirs = mapOf(
    done.map((fact) => ({ id: textIn(fact, 'reference'), value: textIn(fact, 'amountMinor') })),
  );
  const state = kind === 'capture' ? 'captured' : 'refunded';
  const ours = await ask(
    `select ${kind}_id as id, amount_minor::text as value from ledger.${kind} where state = '${state}'`,
  );
  return {
    name: `gateway: ${kind}s`,
    count: theirs.size,
    differences: [
      ...repeated(done.map((fact) => textIn(fact, 'reference'))),
      ...compareMaps(ours, theirs, SIDES),
    ],
  };
}

/**
 * What the gateway holds of a buyer's money is held for an order that is open, or somebody was told of
 * this very authorization on the exception board.
 */
async function compareMoneyHeld(ask: Ask, book: readonly BookFact[]): Promise<Comparison> {
  const { held, references } = moneyHeld(book);
  const open = await ask(`select p.reference as id, o.state as value
    from ledger.payment p join ledger.orders o using (order_id)
    where p.reference is not null and o.state in ('accepted', 'released')
    union all select e.evidence ->> 'authorizationId', e.kind from ledger.exception e where e.kind = 'late-fact'
      and e.evidence ->> 'authorizationId' is not null`);
  const withOrder = await ordersByExternalId(ask);
  const differences: string[] = [];
  for (const [id, amount] of held) {
    if (amount === 0n || open.has(id)) continue;
    const reference = references.get(id) ?? '';
    // A channel's own authorization whose order never came is the channel's affair.
    if (isChannelsOwn(reference) && !withOrder.has(externalIdOfReference(reference))) continue;
    differences.push(`${id} for ${reference}: ${amount} held for nobody`);
  }
  return { name: 'gateway: money held', count: held.size, differences };
}

function moneyHeld(book: readonly BookFact[]) {
  const held = new Map<string, bigint>();
  const requested = new Map<string, bigint>();
  const references = new Map<string, string>();
  for (const fact of book) {
    const kind = fact['kind'];
    const id = kind === 'authorization' ? textIn(fact, 'id') : textIn(fact, 'authorizationId');
    const amount = BigInt(textIn(fact, 'amountMinor') || '0');
    if (kind === 'authorization') {
      references.set(id, textIn(fact, 'reference'));
      requested.set(id, amount);
      if (fact['status'] === 'authorized') held.set(id, amount);
    } else if (kind === 'challenge' && fact['passed'] === true) {
      held.set(id, requested.get(id) ?? 0n);
    } else if (kind === 'void' || (kind === 'capture' && fact['status'] === 'succeeded')) {
      held.set(id, (held.get(id) ?? 0n) - amount);
    }
  }
  return { held, references };
}

/** What the ledger takes for authorized, the gateway authorized: the same reference and amount, once. */
async function compareAuthorizations(ask: Ask, book: readonly BookFact[]): Promise<Comparison> {
  const theirs = factsOf(book, 'authorization');
  const amounts = mapOf(
    theirs.map((fact) => ({ id: textIn(fact, 'id'), value: textIn(fact, 'amountMinor') })),
  );
  const ours =
    await ask(`select reference as id, authorized_minor::text as value from ledger.payment
    where reference is not null and authorized_minor > 0`);
  const lacking = compareMaps(ours, amounts, SIDES).filter(
    (line) => !line.endsWith(`${SIDES.ours} has none`),
  );
  const used = await ask(`select reference as id, order_id as value from ledger.payment
    where reference is not null`);
  const withOrder = await ordersByExternalId(ask);
  const unused = theirs
    .map((fact) => ({ id: textIn(fact, 'id'), reference: textIn(fact, 'reference') }))
    .filter(
      ({ id, reference }) =>
        isChannelsOwn(reference) &&
        withOrder.has(externalIdOfReference(reference)) &&
        !used.has(id),
    )
    .map(({ id, reference }) => `${id} (${reference}): its order is there without it`);
  return {
    name: 'gateway: authorizations',
    count: theirs.length,
    differences: [...repeated(theirs.map((fact) => textIn(fact, 'id'))), ...lacking, ...unused],
  };
}

function ordersByExternalId(ask: Ask): Promise<Map<string, string>> {
  return ask('select external_id as id, order_id as value from ledger.orders');
}

function isChannelsOwn(reference: string): boolean {
  return reference.startsWith(CHANNELS_OWN);
}

function externalIdOfReference(reference: string): string {
  return externalIdOf(reference.slice(CHANNELS_OWN.length));
}
