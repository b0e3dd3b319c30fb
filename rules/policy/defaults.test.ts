import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from './defaults.ts';
import { POLICY_SCHEMAS, type PolicyName } from './documents.ts';

const NAMES = Object.keys(POLICY_SCHEMAS) as PolicyName[];

describe('the policies that a new shop starts with', () => {
  test.each(NAMES)('%s meets its schema and holds nothing besides', (name) => {
    expect(POLICY_SCHEMAS[name].parse(DEFAULT_POLICIES[name])).toEqual(DEFAULT_POLICIES[name]);
  });

  test('each has a schema', () => {
    expect(Object.keys(DEFAULT_POLICIES).toSorted()).toEqual(NAMES.toSorted());
  });
});
