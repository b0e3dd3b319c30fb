import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';

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

/** Starts one process of buyers. It is told its work, and answers, in lines of JSON. */
export function startBuyers(addresses: Addresses): BuyersProcess {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(PROJECT_FOLDER, 'bench', 'hot-sku', 'buyers-process.ts')],
    { cwd: PROJECT_FOLDER, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const tell = (message: Addresses | Rush) => child.stdin.write(`${JSON.stringify(message)}\n`);
  tell(addresses);
  return {
    rush: async (rush) => {
      tell(rush);
      const answer = await answers.next();
      if (answer.done === true) throw new Error('a process of buyers ended before it answered');
      return JSON.parse(answer.value) as Sales;
    },
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
