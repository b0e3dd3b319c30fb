import { expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../rules/policy/defaults.ts';
import { inWords } from './policy-document.ts';

const base = {
  policy: 'return',
  version: 1,
  channel: '*',
  region: '*',
  effectiveFrom: null,
  currency: 'GBP',
  draftId: null,
  madeFrom: null,
  by: 'loopline',
  note: null,
  recordedAt: '2026-01-01T00:00:00.000Z',
  document: DEFAULT_POLICIES.return,
} as const;
const draft = { policy: 'return', draftId: 'd-1', channel: '*', region: 'GB', base } as const;
const followedBy = [{ version: 3, effectiveFrom: '2026-12-01T00:00:00.000Z' }];

test('a draft that is to be followed by another version tells until when its changes hold', () => {
  const document = { ...DEFAULT_POLICIES.return, windowDays: 30 };
  expect(inWords({ ...draft, document, followedBy })).toEqual({
    scope: 'in GB',
    changes: [
      'The return window falls from 60 days to 30 days.',
      'This holds until 2026-12-01T00:00:00.000Z: version 3, which is to come already, takes its place then.',
    ],
  });
});

test('one that changes nothing has nothing to tell', () => {
  const { changes } = inWords({ ...draft, document: DEFAULT_POLICIES.return, followedBy });
  expect(changes).toEqual([]);
});
