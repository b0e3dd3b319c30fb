import { describe, expect, it } from 'vitest';
import { EVERYWHERE } from '../rules/access/decide-access.ts';
import { scopesOf } from '../rules/access/roles.ts';
import { isForPeople } from '../rules/access/scopes.ts';
import { readAccessArguments, WrongArgumentError } from './access-arguments.ts';

const read = (line: string) => readAccessArguments(line.split(' ').filter(Boolean));

describe('the command line of access', () => {
  it('makes a key of all that its roles have but what is for people alone, everywhere, for ninety days', () => {
    expect(read('make-key --name Root --roles admin')).toEqual({
      name: 'make-key',
      keyName: 'Root',
      roles: ['admin'],
      scopes: scopesOf(['admin']).filter((scope) => !isForPeople(scope)),
      reach: EVERYWHERE,
      days: 90,
    });
  });

  it('makes a key narrower by scopes, reach and time', () => {
    expect(
      read(
        'make-key --name Shop --roles connector,support --scopes orders:place,orders:read --days 30 --nodes north,south --channels web --regions GB,DE --limit-minor 50000',
      ),
    ).toEqual({
      name: 'make-key',
      keyName: 'Shop',
      roles: ['support', 'connector'],
      scopes: ['orders:read', 'orders:place'],
      reach: {
        nodes: ['north', 'south'],
        channels: ['web'],
        regions: ['GB', 'DE'],
        amountMinor: 50_000n,
      },
      days: 30,
    });
  });

  it('puts a person by subject or by address', () => {
    expect(
      read(
        'put-person --issuer https://login.example --login-email a@x.example --name Ada --roles ops --person-id person:ada --returns',
      ),
    ).toEqual({
      name: 'put-person',
      person: {
        personId: 'person:ada',
        issuer: 'https://login.example',
        subject: undefined,
        loginEmail: 'a@x.example',
        name: 'Ada',
        email: undefined,
        roles: ['ops'],
        reach: EVERYWHERE,
        returns: true,
      },
    });
  });

  it('rotates, revokes, ends and lists', () => {
    expect(read('rotate-key abc --overlap-hours 2')).toEqual({
      name: 'rotate-key',
      keyId: 'abc',
      days: 90,
      overlapHours: 2,
    });
    expect(read('revoke-key abc --reason leaked')).toEqual({
      name: 'revoke-key',
      keyId: 'abc',
      reason: 'leaked',
    });
    expect(read('end-person person:ada')).toEqual({
      name: 'end-person',
      personId: 'person:ada',
      reason: undefined,
    });
    expect(read('list-keys')).toEqual({ name: 'list-keys' });
    expect(read('list-people')).toEqual({ name: 'list-people' });
  });

  it.each([
    ['', 'npm run access'],
    ['make-coffee', 'There is no command make-coffee'],
    ['make-key --roles admin', '--name is needed'],
    ['make-key --name Root', '--roles is needed'],
    ['make-key --name Root --roles king', 'There is no role king'],
    ['make-key --name Root --roles warehouse --scopes keys:edit', 'do not have keys:edit'],
    ['make-key --name Root --roles admin --scopes all', 'do not have all'],
    [
      'make-key --name Root --roles approver --scopes refunds:approve',
      'people decide and give rights, keys do not',
    ],
    [
      'make-key --name Root --roles admin --scopes people:edit',
      'people:edit: people decide and give rights, keys do not',
    ],
    [
      'make-key --name Root --roles admin --days 367',
      '--days must be a whole number from 1 to 366',
    ],
    ['make-key --name Root --roles admin --days 1.5', '--days must be'],
    ['make-key --name Root --roles admin --limit-minor 5.5', '--limit-minor must be'],
    ['make-key --name Root --roles admin --reason why', 'make-key has no option --reason'],
    ['make-key --name Root --roles admin extra', 'options alone'],
    ['make-key --name Root --roles admin --colour red', '--colour'],
    ['rotate-key', 'one key id'],
    ['rotate-key a b', 'one key id'],
    ['rotate-key a --overlap-hours 169', '--overlap-hours must be a whole number from 0 to 168'],
    ['list-keys --all', '--all'],
    ['put-person --name Ada --roles ops', '--issuer is needed'],
  ])('refuses "%s" and says why', (line, why) => {
    const refused = () => read(line);
    expect(refused).toThrow(WrongArgumentError);
    expect(refused).toThrow(why);
  });
});
