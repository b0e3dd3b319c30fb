import type { WorkflowHandle } from '@temporalio/client';
import type { TestLoopline } from '../../support/loopline.ts';
import type { OrderDesk, Wish } from '../order-desk.ts';
import { crashed, untilContinuedAsNew, type HistoryCase, type Outage } from './history-case.ts';

const HOUR = 3_600;

interface Stage {
  readonly loopline: TestLoopline;
  readonly desk: OrderDesk;
  readonly outage: Outage;
}

/** Every way of an order that its replay tests need. */
export function orderCases(stage: Stage): HistoryCase[] {
  return [
    ...straightCases(stage),
    ...holdCases(stage),
    ...cancelCases(stage),
    ...troubleCases(stage),
  ];
}

function straightCases({ desk }: Stage): HistoryCase[] {
  const sent = async (wish: Wish): Promise<WorkflowHandle> => {
    const { orderId, handle } = await desk.run(wish);
    await desk.dispatch(orderId);
    await handle.result();
    return handle;
  };
  return [
    { name: 'straight', run: () => sent({}) },
    {
      name: 'prepaid',
      run: async () =>
        sent({ payment: await desk.gateway.paidAtCheckout('2000', { captured: true }) }),
    },
    {
      name: 'authorized-at-checkout',
      run: async () => sent({ channel: 'web', payment: await desk.gateway.paidAtCheckout('2000') }),
    },
    {
      name: 'two-shipments',
      run: async () => {
        const { orderId, handle } = await desk.run({ channel: 'patient', quantity: 5, inStock: 2 });
        await desk.dispatch(orderId);
        await desk.becomes(orderId, { payments: [{ capturedMinor: '2000' }] });
        await desk.stockFor(orderId, 3);
        await desk.dispatch(orderId);
        await handle.result();
        return handle;
      },
    },
  ];
}

const HOLDS: { name: string; wish: Wish; kind: string; release: string; hours: number }[] = [
  {
    name: 'payment-declined',
    wish: { token: 'tok_insufficient' },
    kind: 'payment',
    release: 'retry',
    hours: 24,
  },
  {
    name: 'payment-challenged',
    wish: { token: 'tok_challenge' },
    kind: 'payment',
    release: 'passed',
    hours: 24,
  },
  { name: 'address', wish: { postalCode: null }, kind: 'address', release: 'release', hours: 48 },
  { name: 'fraud', wish: { unitPrice: '300' }, kind: 'fraud', release: 'release', hours: 48 },
];

function holdCases({ desk, loopline }: Stage): HistoryCase[] {
  return HOLDS.flatMap(({ name, wish, kind, release, hours }) => {
    const held = async () => {
      const order = await desk.run(wish);
      await desk.becomes(order.orderId, { holds: [{ hold: kind }] });
      return order;
    };
    return [
      {
        name: `hold-${name}-released`,
        run: async () => {
          const { orderId, handle } = await held();
          if (release === 'passed') await desk.passChallenge(orderId);
          else if (release === 'retry') await desk.payWithAnotherCard(orderId);
          else await desk.resolve(orderId, kind, release);
          await desk.dispatch(orderId);
          await handle.result();
          return handle;
        },
      },
      {
        name: `hold-${name}-expired`,
        run: async () => {
          const { orderId, handle } = await held();
          await loopline.skipTime(orderId, hours * HOUR + 60);
          await handle.result();
          return handle;
        },
      },
      {
        name: `hold-${name}-cancelled`,
        run: async () => {
          const { orderId, handle } = await held();
          await desk.cancel(orderId);
          await handle.result();
          return handle;
        },
      },
    ];
  });
}

function cancelCases({ desk, loopline }: Stage): HistoryCase[] {
  const ended = async (handle: WorkflowHandle) => {
    await handle.result();
    return handle;
  };
  return [
    {
      name: 'cancelled-before-start',
      run: async () => {
        const orderId = await desk.place();
        await desk.cancel(orderId);
        return ended(await loopline.start(orderId));
      },
    },
    {
      name: 'cancelled-when-released',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.becomes(orderId, { state: 'released' });
        await desk.cancel(orderId);
        return ended(handle);
      },
    },
    {
      name: 'cancelled-with-deposit',
      run: async () => {
        const { orderId, handle } = await desk.run({
          payment: await desk.gateway.paidAtCheckout('2000', { captured: true }),
        });
        await desk.becomes(orderId, { state: 'released' });
        await desk.cancel(orderId);
        return ended(handle);
      },
    },
    {
      name: 'cancelled-after-one-of-two-shipments',
      run: async () => {
        const { orderId, handle } = await desk.run({ channel: 'patient', quantity: 5, inStock: 2 });
        await desk.dispatch(orderId);
        await desk.becomes(orderId, { payments: [{ capturedMinor: '2000' }] });
        await desk.cancel(orderId);
        return ended(handle);
      },
    },
    {
      name: 'cancelled-in-the-engine',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.becomes(orderId, { state: 'released' });
        await handle.cancel();
        return ended(handle);
      },
    },
  ];
}

function troubleCases({ desk, loopline, outage }: Stage): HistoryCase[] {
  const sent = async (orderId: string, handle: WorkflowHandle) => {
    await desk.dispatch(orderId);
    await handle.result();
    return handle;
  };
  return [
    {
      name: 'capture-failed-then-accepted',
      run: async () => {
        const { orderId, handle } = await desk.run({ token: 'tok_capture_fail' });
        await desk.dispatch(orderId);
        await desk.resolve(orderId, 'capture-failed', 'retry');
        await desk.resolve(orderId, 'capture-failed', 'accept');
        await handle.result();
        return handle;
      },
    },
    {
      // The gateway's first answer is lost, so the capture goes on as a normal activity.
      name: 'capture-asked-again',
      run: async () => {
        await loopline.configure('gateway', { hangMs: 2_500 });
        const { orderId, handle } = await desk.run({ token: 'tok_capture_timeout' });
        return sent(orderId, handle);
      },
    },
    {
      name: 'ledger-away-across-a-timer',
      run: async () => {
        const orderId = await desk.place();
        outage.set(orderId, 'recordAuthorization');
        return sent(orderId, await loopline.start(orderId));
      },
    },
    {
      name: 'task-again-after-a-crash',
      run: async () => {
        const orderId = await desk.place();
        return sent(orderId, await crashed(loopline, orderId, 'recordAuthorization'));
      },
    },
    {
      name: 'continued-as-new',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.becomes(orderId, { state: 'released' });
        await untilContinuedAsNew(handle);
        return sent(orderId, handle);
      },
    },
  ];
}
