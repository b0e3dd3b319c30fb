/** Explores what each line of its input asks for, see explorer.ts. Its progress goes where its errors go. */
import postgres from 'postgres';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { answerAll } from '../talking-process.ts';
import { expectSoundBooks, explore, openGround } from './explore.ts';
import type { Share, ShareDone } from './explorer.ts';

await answerAll<Share>(exploreShare);

async function exploreShare({ url, database, ...how }: Share): Promise<ShareDone> {
  const addresses = await migrateLedger({ url, database });
  const ledger = connectLedger(addresses.appUrl, { connections: how.lanes }).as({ actor: 'bench' });
  const owner = postgres(addresses.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const ground = await openGround(ledger, owner);
    const { operations, cases, unanswered, failure } = await explore(ground, {
      ...how,
      faults: [],
      log: (line) => console.error(`${how.lanes} at once: ${line}`),
    });
    if (failure === null) await expectSoundBooks(ledger);
    const difference = failure && `with seed ${failure.seed}: ${failure.error.message}`;
    return { operations, cases, unanswered, difference };
  } finally {
    await ledger.close();
    await owner.end();
  }
}
