import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Failure } from '../activities/failures.ts';

/** A worker has 40 workflow tasks at once: this leaves most of them to processes that wait for nobody. */
const AT_ONCE = 16;

/**
 * Limits how many first attempts at a provider are under way at once, as each holds a workflow task open.
 * While a provider hangs they are soon used up, and everybody else asks by a normal activity right away.
 * `steps`: the provider steps by name.
 */
export function firstAttempts(
  steps: object,
  { atOnce = AT_ONCE }: { atOnce?: number } = {},
): ActivityInterceptorsFactory {
  let underWay = 0;
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        if (!info.isLocal || !Object.hasOwn(steps, info.activityType)) return next(input);
        if (underWay >= atOnce) {
          throw new Failure('Overloaded', `${atOnce} first attempts at providers are under way`);
        }
        underWay += 1;
        try {
          return await next(input);
        } finally {
          underWay -= 1;
        }
      },
    },
  });
}
