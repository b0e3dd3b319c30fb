import { join } from 'node:path';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { startTalking } from '../talking-process.ts';

/** Where the buyers of a process go: the application's way in, and the owner's for the floor. */
export interface Addresses {
  readonly appUrl: string;
  readonly ownerUrl: string;
}

/** What the buyers of one process are to do: `count` requests, so many at a time, one unit each. */
export interface Rush {
  /** Through the intake of orders, or with one conditional UPDATE per request. */
  readonly way: 'orders' | 'updates';
  /** Names the requests; unique per process and rush. */
  readonly name: string;
  readonly skus: readonly string[];
  readonly count: number;
  readonly callers: number;
}

/** What came of it; times in milliseconds since 1970, so that processes can be compared. */
export interface Sales {
  readonly granted: number;
  readonly refused: number;
  readonly startedAt: number;
  readonly lastGrantedAt: number;
}

/** Buyers in a process of their own, with a connection pool of their own. */
export interface BuyersProcess {
  rush(rush: Rush): Promise<Sales>;
  stop(): Promise<void>;
}

/** Starts one process of buyers; its first rush opens its connections. */
export function startBuyers(addresses: Addresses): BuyersProcess {
  const buyers = startTalking<Addresses & Rush, Sales>(
    join(PROJECT_FOLDER, 'bench', 'hot-sku', 'buyers-process.ts'),
  );
  return { rush: (rush) => buyers.ask({ ...addresses, ...rush }), stop: () => buyers.stop() };
}
