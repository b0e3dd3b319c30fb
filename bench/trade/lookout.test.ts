import { expect, test } from 'vitest';
import { lookout } from './lookout.ts';

test('all who wait share one question, and each gets what was seen of its own id', async () => {
  const asked: string[][] = [];
  const waitFor = lookout(async (ids) => {
    asked.push([...ids]);
    return asked.length < 2 ? [['a', 1] as const] : ids.map((id) => [id, 2] as const);
  });
  expect(await Promise.all([waitFor('a'), waitFor('b'), waitFor('c')])).toEqual([1, 2, 2]);
  expect(asked).toEqual([['a'], ['b', 'c']]);
  expect(await waitFor('d')).toBe(2);
});

test('a question that fails fails all who wait', async () => {
  const waitFor = lookout(() => Promise.reject(new Error('the database is away')));
  await expect(Promise.all([waitFor('a'), waitFor('b')])).rejects.toThrow('the database is away');
});
