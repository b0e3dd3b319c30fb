import { expect, test } from 'vitest';
import { Remembered } from './remembered.ts';

function listening() {
  const listeners: (() => void)[] = [];
  const state = { on: true, nowMs: 0 };
  const listener = {
    isListening: () => state.on,
    onChange: (changed: () => void) => void listeners.push(changed),
  };
  const change = () => {
    for (const changed of listeners) changed();
  };
  const remembered = new Remembered<string>(listener);
  const find = (name: string, read: () => Promise<string | null>) =>
    remembered.find(name, state.nowMs, read);
  return {
    state,
    change,
    find,
    replace: (name: string, value: string) => remembered.replace(name, value),
  };
}

/** Counts how often it is read. */
function source(value: string | null) {
  const asked = { times: 0 };
  return {
    asked,
    read: async () => {
      asked.times += 1;
      return value;
    },
  };
}

test('what was found is read once while changes are heard of', async () => {
  const { find } = listening();
  const { asked, read } = source('anna');
  expect(await find('a', read)).toBe('anna');
  expect(await find('a', read)).toBe('anna');
  expect(asked.times).toBe(1);
  expect(await find('b', read)).toBe('anna');
  expect(asked.times).toBe(2);
});

test('a change forgets all of it at once', async () => {
  const { find, change } = listening();
  const { asked, read } = source('anna');
  await find('a', read);
  change();
  await find('a', read);
  expect(asked.times).toBe(2);
});

test('what is remembered can be changed, and what is not is not remembered by that', async () => {
  const { find, replace } = listening();
  const { asked, read } = source('anna');
  await find('a', read);
  replace('a', 'anna, used');
  replace('b', 'nobody');
  expect([await find('a', read), await find('b', read)]).toEqual(['anna, used', 'anna']);
  expect(asked.times).toBe(2);
});

test('nothing is kept while nobody tells of changes, nor behind a change that came during the read', async () => {
  const { find, change, state } = listening();
  const { asked, read } = source('anna');
  state.on = false;
  await find('a', read);
  await find('a', read);
  expect(asked.times).toBe(2);
  state.on = true;
  const old = await find('a', async () => {
    change();
    return 'before the change';
  });
  expect([old, await find('a', read)]).toEqual(['before the change', 'anna']);
});

test('what was kept is not believed once nobody listens any more, and not for long', async () => {
  const { find, state } = listening();
  const { asked, read } = source('anna');
  await find('a', read);
  state.on = false;
  await find('a', read);
  expect(asked.times).toBe(2);
  state.on = true;
  await find('a', read);
  state.nowMs = 10_000;
  await find('a', read);
  expect(asked.times).toBe(4);
  // Nor because a clock was set back.
  state.nowMs = 9_999;
  await find('a', read);
  expect(asked.times).toBe(5);
});

test('those who ask at once share one read; what is not there is asked for each time', async () => {
  const { find } = listening();
  const found = source('anna');
  await Promise.all([1, 2, 3].map(() => find('a', found.read)));
  expect(found.asked.times).toBe(1);
  const missing = source(null);
  expect(await find('b', missing.read)).toBeNull();
  await find('b', missing.read);
  expect(missing.asked.times).toBe(2);
});

test('a read that fails is not remembered', async () => {
  const { find } = listening();
  await expect(find('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await find('a', source('anna').read)).toBe('anna');
});
