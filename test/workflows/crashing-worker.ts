/** A worker that dies right before or after the effect of one step, before anybody hears of it. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { httpCarrier } from '../../activities/carrier/http-carrier.ts';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { httpGateway } from '../../activities/payment/http-gateway.ts';
import { httpSupplier } from '../../activities/supplier/http-supplier.ts';
import { createActivities } from '../../worker/compose.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import type { CrashOrder } from './crash.ts';
import { FaultPlan } from './faults.ts';

Runtime.install({ logger: new DefaultLogger('WARN') });
const order = JSON.parse(process.env['CRASH_ORDER'] ?? '{}') as CrashOrder;
const activities = createActivities(connectLedger(order.databaseUrl, { connections: 4 }), {
  payment: httpGateway(order.simulators.gateway),
  carrier: httpCarrier(order.simulators.carrier),
  supplier: httpSupplier(order.simulators.supplier),
});
const faults = new FaultPlan();
if (order.provokedBy !== undefined) {
  faults.set(order.processId, {
    activity: '',
    when: 'before',
    always: true,
    provokedBy: order.provokedBy,
  });
}

type Step = (...requests: never[]) => Promise<unknown>;
const steps = faults.wrap(activities) as Record<string, Step>;
const doomed = steps[order.activity];
if (doomed === undefined) throw new Error(`there is no step ${order.activity}`);
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: order.temporalAddress }),
  namespace: order.namespace,
  taskQueue: order.taskQueue,
  workflowBundle: await workflowBundle(),
  activities: {
    ...steps,
    [order.activity]: async (...requests: never[]) => {
      if (order.when !== 'before') await doomed(...requests);
      process.kill(process.pid, 'SIGKILL');
    },
  },
});
await worker.run();
