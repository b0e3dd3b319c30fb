import { expect, test } from 'vitest';
import { createStopList } from '../../worker/stack/stop-list.ts';

test('what was started last is stopped first, one after the other', async () => {
  const events: string[] = [];
  const parts = createStopList(() => undefined);
  for (const name of ['Postgres', 'Temporal', 'Simulators', 'API and worker']) {
    parts.add({
      name,
      stop: async () => {
        events.push(`${name} stopping`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        events.push(`${name} stopped`);
      },
    });
  }

  await parts.stop();

  expect(events).toEqual(
    ['API and worker', 'Simulators', 'Temporal', 'Postgres'].flatMap((name) => [
      `${name} stopping`,
      `${name} stopped`,
    ]),
  );
});

test('a part that fails to stop is named and does not keep the others up', async () => {
  const lines: string[] = [];
  const parts = createStopList((line) => lines.push(line));
  parts.add({ name: 'Postgres', stop: async () => undefined });
  parts.add({
    name: 'Temporal',
    stop: async () => {
      throw new Error('no answer');
    },
  });

  await parts.stop();

  expect(lines).toEqual(['Temporal did not stop: no answer', 'Postgres stopped.']);
});

test('a forced stop reaches the part that is still stopping, and each part ends once', async () => {
  const lines: string[] = [];
  const forced: string[] = [];
  const parts = createStopList((line) => lines.push(line));
  parts.add({ name: 'Postgres', stop: async () => undefined });
  const drained = new EventTarget();
  parts.add({
    name: 'Worker',
    stop: async (options) => {
      if (options?.force === true) {
        forced.push('Worker');
        drained.dispatchEvent(new Event('end'));
        return;
      }
      await new Promise((resolve) => {
        drained.addEventListener('end', resolve);
      });
    },
  });

  const orderly = parts.stop();
  await parts.stop({ force: true });
  await orderly;

  expect(forced).toEqual(['Worker']);
  expect(lines).toEqual(['Worker stopped.', 'Postgres stopped.']);
});
