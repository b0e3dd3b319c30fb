import { expect, it } from 'vitest';
import { explore, openGround } from '../../bench/model/explore.ts';
import { openLedger } from '../support/ledger.ts';

/** A wrong rule in the model, what it shows in, and how many operations are enough to show it. */
const FAULTS = [
  { fault: 'cancelled-units-vanish', shows: /(available|stock) /, enough: 4 },
  { fault: 'newest-layer-first', shows: /cost-of-goods-sold|write-offs|layers /, enough: 8 },
  { fault: 'latest-waits-first', shows: /queue |reserved |waiting /, enough: 5 },
] as const;

it.each(FAULTS)(
  'a model with a wrong rule ($fault) is found out and the case shrinks to a handful of operations',
  async ({ fault, shows, enough }) => {
    const shop = await openLedger({ connections: 2 });
    try {
      const ground = await openGround(shop.ledger, shop.owner);
      const { failure } = await explore(ground, {
        seed: 7,
        operations: 20_000,
        caseLength: 150,
        lanes: 1,
        compareEvery: 5,
        faults: [fault],
      });
      if (failure === null) throw new Error('the wrong rule was not noticed');
      console.log(`${fault}: ${failure.error.message}`);
      expect(failure.error.message).toMatch(shows);
      expect(failure.error.operations.length).toBeLessThanOrEqual(enough);
    } finally {
      await shop.close();
    }
  },
  600_000,
);
