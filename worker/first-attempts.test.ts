import { expect, test } from 'vitest';
import { firstAttempts } from './first-attempts.ts';

const STEPS = { capturePayment: null };

/** Runs a step through the interceptor as a worker would; `work` is the step itself. */
function attemptsOf(atOnce: number) {
  const factory = firstAttempts(STEPS, { atOnce });
  return (activityType: string, isLocal: boolean, work: () => Promise<unknown>) => {
    const { inbound } = factory({ info: { activityType, isLocal } } as Parameters<
      typeof factory
    >[0]);
    if (inbound?.execute === undefined) throw new Error('nothing stands before the step');
    return inbound.execute({ args: [], headers: {} }, work);
  };
}

test('one first attempt too many is told at once to ask in the other way, until one has ended', async () => {
  const attempt = attemptsOf(2);
  const answers: ((answer: Error | string) => void)[] = [];
  const hang = () =>
    new Promise<string>((resolve, reject) => {
      answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  const under = [hang, hang].map((work) => attempt('capturePayment', true, work));
  const asked: string[] = [];
  const third = () =>
    attempt('capturePayment', true, async () => {
      asked.push('third');
      return 'captured';
    });
  await expect(third()).rejects.toMatchObject({ type: 'Overloaded' });
  expect(asked).toEqual([]);

  answers[0]?.(new Error('no answer'));
  await expect(under[0]).rejects.toThrow('no answer');
  await expect(third()).resolves.toBe('captured');
  answers[1]?.('late');
  await expect(under[1]).resolves.toBe('late');
});

test('steps on the ledger and second attempts wait for no first attempt', async () => {
  const attempt = attemptsOf(0);
  await expect(attempt('beginOrder', true, async () => 'begun')).resolves.toBe('begun');
  await expect(attempt('capturePayment', false, async () => 'captured')).resolves.toBe('captured');
});
