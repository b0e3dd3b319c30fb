import type { WorkflowHandle } from '@temporalio/client';
import { recordFinanceEntry } from '../../../activities/ledger/intake/record-finance-entry.ts';
import { readFinanceEntrySnapshot } from '../../../activities/ledger/read/finance.ts';
import { decideWithApproval } from '../../../rules/finance/approve-entry.ts';
import { adjust, NOON } from '../../ledger/adjustment-shop.ts';
import { planCycle } from '../../ledger/planned-cycle.ts';
import { addBackorder } from '../../ledger/purchasing.ts';
import type { TestLoopline } from '../../support/loopline.ts';
import type { ProcessDesk } from '../process-desk.ts';
import { proposeGoodwill } from '../propose-goodwill.ts';
import { proposePolicy } from '../propose-policy.ts';
import type { PurchaseDesk } from '../purchase-desk.ts';
import type { ReturnDesk } from '../return-desk.ts';
import {
  crashed,
  reviewCases,
  untilContinuedAsNew,
  type HistoryCase,
  type Outage,
} from './history-case.ts';

interface Stage<Desk extends ProcessDesk = ProcessDesk> {
  readonly loopline: TestLoopline;
  readonly desk: Desk;
  readonly outage: Outage;
}

/** A review and nothing else: stock adjustments, finance entries, and approvals of what has no process. */
function plainReviewCases(
  { loopline, desk, outage }: Stage,
  propose: () => Promise<string>,
  begin: string,
): HistoryCase[] {
  const approved = async (processId: string, handle: WorkflowHandle) => {
    await desk.waits(handle);
    await desk.decide(processId, 'approve');
    await handle.result();
    return handle;
  };
  return [
    ...reviewCases({ desk, propose }),
    {
      name: 'ledger-away-across-a-timer',
      run: async () => {
        const processId = await propose();
        outage.set(processId, begin);
        return approved(processId, await loopline.start(processId));
      },
    },
    {
      name: 'task-again-after-a-crash',
      run: async () => {
        const processId = await propose();
        return approved(processId, await crashed(loopline, processId, begin));
      },
    },
  ];
}

export function adjustmentCases(stage: Stage): HistoryCase[] {
  let count = 0;
  const propose = async () => {
    count += 1;
    const { adjustment } = await adjust(stage.loopline.ledger, {
      externalRef: `count-${count}`,
      kind: 'found',
      quantity: 50,
    });
    return adjustment.id;
  };
  return plainReviewCases(stage, propose, 'beginStockAdjustment');
}

export function financeCases(stage: Stage): HistoryCase[] {
  const { ledger } = stage.loopline;
  let count = 0;
  const propose = async () => {
    count += 1;
    const entry = { kind: 'manual', quantity: 1, unitPrice: '2000', currency: 'GBP' } as const;
    const snapshot = await readFinanceEntrySnapshot(ledger, { occurredAt: NOON });
    const wish = { ...entry, occurredAt: NOON, actor: 'finance' };
    const recorded = await recordFinanceEntry(ledger, {
      ...wish,
      externalRef: `manual-${count}`,
      decision: decideWithApproval(snapshot, { ...wish, atMs: Date.parse(NOON) }),
    });
    return recorded.entry.id;
  };
  return plainReviewCases(stage, propose, 'beginFinanceEntry');
}

export function approvalCases(stage: Stage): HistoryCase[] {
  let count = 0;
  const propose = () => {
    count += 1;
    return proposePolicy(stage.loopline, `draft-${count}`);
  };
  return plainReviewCases(stage, propose, 'lookAtApproval');
}

export function goodwillCases(stage: Stage<ReturnDesk>): HistoryCase[] {
  const { desk, loopline } = stage;
  return [
    ...plainReviewCases(stage, () => proposeGoodwill(desk), 'beginGoodwill'),
    {
      name: 'refund-failed-then-credited',
      run: async () => {
        const wish = { amountMinor: '1500', token: 'tok_refund_fail' };
        const goodwillId = await proposeGoodwill(desk, wish);
        const handle = await loopline.start(goodwillId);
        await desk.resolve(goodwillId, 'refund-failed', 'retry');
        await desk.resolve(goodwillId, 'refund-failed', 'credit-customer');
        await handle.result();
        return handle;
      },
    },
  ];
}

export function purchaseCases(stage: Stage<PurchaseDesk>): HistoryCase[] {
  const { desk, loopline, outage } = stage;
  const delivered = async (orderId: string, handle: WorkflowHandle) => {
    await desk.deliverWhenAcknowledged(orderId);
    await handle.result();
    return handle;
  };
  const propose = () => desk.place({ inReview: true });
  return [
    ...reviewCases({ desk, propose, finish: (orderId) => desk.deliverWhenAcknowledged(orderId) }),
    {
      name: 'straight',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.deliver(orderId);
        await handle.result();
        return handle;
      },
    },
    {
      name: 'supplier-late',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.waits(handle);
        await desk.reachDeadline(orderId);
        await desk.exception(orderId, 'supplier-late');
        return delivered(orderId, handle);
      },
    },
    {
      name: 'ledger-away-across-a-timer',
      run: async () => {
        const orderId = await desk.place();
        outage.set(orderId, 'beginPurchaseOrder');
        return delivered(orderId, await loopline.start(orderId));
      },
    },
    {
      name: 'task-again-after-a-crash',
      run: async () => {
        const orderId = await desk.place();
        return delivered(orderId, await crashed(loopline, orderId, 'beginPurchaseOrder'));
      },
    },
    {
      name: 'continued-as-new',
      run: async () => {
        const { orderId, handle } = await desk.run();
        await desk.waits(handle);
        await untilContinuedAsNew(handle);
        return delivered(orderId, handle);
      },
    },
  ];
}

export function replenishmentCases({ loopline, outage }: Stage): HistoryCase[] {
  let day = 0;
  /** A cycle that has something to order: somebody waits for goods. */
  const plan = async () => {
    day += 1;
    const date = `2026-03-${String(day).padStart(2, '0')}`;
    const businessTime = `${date}T06:00:00Z`;
    await addBackorder(loopline.owner, {
      id: `waits-${day}`,
      sku: 'FIFO',
      quantity: 5 * day,
      queuedAt: businessTime,
    });
    const { cycleId } = await planCycle(loopline.ledger, { node: 'N1', date, businessTime });
    return cycleId;
  };
  const ended = async (handle: WorkflowHandle) => {
    await handle.result();
    return handle;
  };
  return [
    { name: 'straight', run: async () => ended(await loopline.start(await plan())) },
    {
      name: 'ledger-away-across-a-timer',
      run: async () => {
        const cycleId = await plan();
        outage.set(cycleId, 'endReplenishment');
        return ended(await loopline.start(cycleId));
      },
    },
    {
      name: 'task-again-after-a-crash',
      run: async () => ended(await crashed(loopline, await plan(), 'beginReplenishment')),
    },
  ];
}
