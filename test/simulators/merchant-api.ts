import { Hono } from 'hono';
import { listen } from '../../simulators/listen.ts';
import type { SimulatorApp } from '../../simulators/listen.ts';

type Row = Record<string, unknown> & { state: string };
type Post = { path: string; id: string; body: Record<string, unknown> };

/** The part of the merchant's API that a supplier and a warehouse use, kept in memory. */
export class MerchantApi {
  readonly shipments = new Map<string, Row>();
  readonly notices = new Map<string, Row>();
  readonly returns = new Map<string, Row>();
  /** Every post that took effect, in order. */
  readonly effects: Post[] = [];
  /** Every post that arrived, repeats and failures included. */
  readonly arrivals: Post[] = [];
  /** Answers to give instead of the right one, by count of arrivals of an id. */
  trouble: (post: Post, arrival: number) => 'fail' | 'fail-after-effect' | 'conflict' | 'ok' = () =>
    'ok';
  url = '';
  #close: () => Promise<void> = async () => undefined;

  async start(): Promise<this> {
    const app: SimulatorApp = new Hono();
    app.use(async (c, next) => {
      if (c.req.header('Authorization') !== 'Bearer key-for-tests') {
        return c.json({ status: 401 }, 401);
      }
      return next();
    });
    const lists = {
      '/v1/shipments': this.shipments,
      '/v1/shipping-notices': this.notices,
      '/v1/returns': this.returns,
    };
    for (const [path, rows] of Object.entries(lists)) {
      app.get(path, (c) => c.json(page(rows, c.req.query())));
    }
    app.post('/v1/*', async (c) => {
      const body = (await c.req.json()) as Record<string, unknown>;
      const [, , , encoded = '', what = ''] = new URL(c.req.url).pathname.split('/');
      const status = this.#take(c.req.path, decodeURIComponent(encoded), what, body);
      return c.json({ status }, status);
    });
    const listening = await listen('merchant', app, 0, '127.0.0.1');
    this.url = listening.url;
    this.#close = listening.close;
    return this;
  }

  stop(): Promise<void> {
    return this.#close();
  }

  #take(path: string, subject: string, what: string, body: Record<string, unknown>) {
    const id = String(
      body['noticeId'] !== undefined && what === 'shipping-notices'
        ? body['noticeId']
        : (body['dispatchId'] ??
            body['receiptId'] ??
            body['inspectionId'] ??
            body['invoiceNumber']),
    );
    const post = { path, id, body };
    this.arrivals.push(post);
    const arrival = this.arrivals.filter((other) => other.id === id).length;
    const trouble = this.trouble(post, arrival);
    if (trouble === 'fail') {
      return 503;
    }
    if (trouble === 'conflict') {
      return 409;
    }
    const first = this.effects.find((effect) => effect.id === id);
    if (first) {
      return JSON.stringify(first.body) === JSON.stringify(body) ? 200 : 409;
    }
    this.effects.push(post);
    this.#effect(subject, what, body);
    return trouble === 'fail-after-effect' ? 503 : 200;
  }

  #effect(subject: string, what: string, body: Record<string, unknown>): void {
    const next: Record<string, string> = {
      dispatches: 'dispatched',
      inspections: 'closed',
      receipts: 'awaiting-inspection',
    };
    const notice = this.notices.get(String(body['noticeId']));
    if (what === 'receipts' && notice) {
      notice.state = 'received';
      return;
    }
    const row = this.shipments.get(subject) ?? this.returns.get(subject);
    if (!row) {
      return;
    }
    row.state = next[what] ?? row.state;
    if (what === 'receipts') {
      const received = body['lines'] as { returnLineId: string; quantity: number }[];
      row['lines'] = (row['lines'] as { returnLineId: string }[]).map((line) => ({
        ...line,
        receivedQuantity:
          received.find((other) => other.returnLineId === line.returnLineId)?.quantity ?? 0,
      }));
    }
  }
}

function page(rows: ReadonlyMap<string, Row>, query: Record<string, string>) {
  const found = [...rows.values()].filter((row) => row.state === query['state']).toReversed();
  const from = Number(query['cursor'] ?? 0);
  const to = from + Number(query['limit']);
  return { data: found.slice(from, to), nextCursor: to < found.length ? String(to) : null };
}
