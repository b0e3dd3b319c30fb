/**
 * The tables of docs/ACCESS.md are made of the tables in code. After a change there write them anew:
 * `npm test -- test/house/access.test.ts --update`.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeAccess } from '../../api/access/describe-access.ts';
import { ROLE_NAMES, scopesOf } from '../../rules/access/roles.ts';
import { SCOPE_NAMES } from '../../rules/access/scopes.ts';
import { tablesOf } from './doc-tables.ts';

const PAGE = 'docs/ACCESS.md';
const MARK = '<!-- What follows is made of the tables in code: test/house/access.test.ts. -->\n\n';

test('docs/ACCESS.md says of each role, route, scope and rule what the code does', async () => {
  const [byHand] = readFileSync(PAGE, 'utf8').split(MARK);
  await expect(`${byHand}${MARK}${describeAccess()}`).toMatchFileSnapshot(`../../${PAGE}`);
});

test('its tables can be read, with every role and every scope', () => {
  const tableOf = tablesOf(PAGE);
  const roles = tableOf('role', 'what for').map(([role, , scopes]) => [role, scopes]);
  expect(roles).toEqual(
    ROLE_NAMES.map((role) => [
      role,
      scopesOf([role])
        .map((scope) => `\`${scope}\``)
        .join(' '),
    ]),
  );
  expect(tableOf('scope', 'lets').map(([scope]) => scope)).toEqual([...SCOPE_NAMES]);
});
