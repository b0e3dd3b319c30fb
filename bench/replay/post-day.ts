import type { ApiAnswer, HttpService } from './api-client.ts';
import { requestOf } from './requests.ts';
import type { TradeEvent } from './source/trade-day.ts';

/**
 * Posts events in their order of time, `concurrency` at once. Events of one customer come one after
 * the other, so that a return finds the sales before it and none after it.
 * Rejects with the first refusal, after what is under way has ended.
 */
export async function postEvents(
  events: readonly TradeEvent[],
  options: {
    readonly api: HttpService;
    readonly concurrency: number;
    readonly nodeOf: (sku: string) => string;
    readonly onAnswer: (event: TradeEvent, answer: ApiAnswer) => void;
  },
): Promise<void> {
  const { api, concurrency, nodeOf, onAnswer } = options;
  const lastOfCustomer = new Map<string, Promise<void>>();
  let next = 0;
  let failed = false;

  const post = async (event: TradeEvent, before: Promise<void> | undefined): Promise<void> => {
    await before;
    const { path, body } = requestOf(event, nodeOf);
    onAnswer(event, await api.call('POST', path, body));
  };

  // Taken in order, an event waits only for one that has begun before: nobody waits for ever.
  const work = async (): Promise<void> => {
    for (let event = events[next]; event !== undefined && !failed; event = events[next]) {
      next += 1;
      const { customerId } = event;
      const posted = post(event, customerId === null ? undefined : lastOfCustomer.get(customerId));
      if (customerId !== null) lastOfCustomer.set(customerId, posted);
      try {
        await posted;
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, events.length) }, work);
  const ends = await Promise.allSettled(workers);
  const refusal = ends.find((end) => end.status === 'rejected');
  if (refusal !== undefined) throw refusal.reason;
}
