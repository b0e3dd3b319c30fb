import { expect, test } from 'vitest';
import { temporalEngine } from './engine.ts';

const ORDER = { processId: 'order:web:1', kind: 'order' };

/** An engine that counts how often somebody wanted to reach Temporal. */
function countingEngine(isIntakeBusy: boolean) {
  let tried = 0;
  const engine = temporalEngine(
    () => {
      tried += 1;
      return undefined;
    },
    { eager: false, isIntakeBusy: () => isIntakeBusy },
  );
  return { engine, tried: () => tried };
}

test('an order is started as soon as it is accepted, unless older ones wait or buyers do', () => {
  const calm = countingEngine(false);
  calm.engine.setQueues({ backlog: true, rush: false });
  calm.engine.start(ORDER);
  expect(calm.tried()).toBe(0);
  calm.engine.setQueues({ backlog: false, rush: false });
  calm.engine.start(ORDER);
  expect(calm.tried()).toBe(1);

  const busy = countingEngine(true);
  busy.engine.start(ORDER);
  expect(busy.tried()).toBe(0);
  const elsewhere = countingEngine(false);
  elsewhere.engine.setQueues({ backlog: false, rush: true });
  elsewhere.engine.start(ORDER);
  expect(elsewhere.tried()).toBe(0);
  expect(elsewhere.engine.startPace()).toEqual(busy.engine.startPace());
  elsewhere.engine.setQueues({ backlog: false, rush: false });
  expect(elsewhere.engine.startPace()).toEqual(calm.engine.startPace());
});
