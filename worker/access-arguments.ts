import { parseArgs } from 'node:util';
import type { PersonInput } from '../activities/ledger/intake/people.ts';
import type { Reach } from '../rules/access/decide-access.ts';
import { keyScopes, ROLE_NAMES, scopesOf, type Role } from '../rules/access/roles.ts';
import { isForPeople, SCOPE_NAMES, type Scope } from '../rules/access/scopes.ts';
import { MAX_LIFETIME_DAYS, MAX_OVERLAP_HOURS } from '../rules/access/service-key.ts';

/** What `npm run access -- …` was asked for. */
export type AccessCommand =
  | {
      readonly name: 'make-key';
      readonly keyName: string;
      readonly roles: readonly Role[];
      readonly scopes: readonly Scope[];
      readonly reach: Reach;
      readonly days: number;
    }
  | {
      readonly name: 'rotate-key';
      readonly keyId: string;
      readonly days: number;
      readonly overlapHours: number;
    }
  | { readonly name: 'revoke-key'; readonly keyId: string; readonly reason: string | undefined }
  | { readonly name: 'put-person'; readonly person: PersonInput }
  | { readonly name: 'end-person'; readonly personId: string; readonly reason: string | undefined }
  | { readonly name: 'list-keys' }
  | { readonly name: 'list-people' };

/** The command line says something that there is not; the message says what there is. */
export class WrongArgumentError extends Error {
  override readonly name = 'WrongArgumentError';
}

const USAGE = `npm run access -- <command>

  make-key    --name <name> --roles <role,…> [--scopes <scope,…>] [--days 90] [reach]
  rotate-key  <key id> [--days 90] [--overlap-hours 24]
  revoke-key  <key id> [--reason <why>]
  list-keys
  put-person  --issuer <url> --subject <id> | --login-email <address> --name <name> --roles <role,…>
              [--email <address>] [--person-id person:<name>] [--returns] [reach]
  end-person  <person id> [--reason <why>]
  list-people

  reach       [--nodes <node,…>] [--channels <channel,…>] [--regions <country,…>] [--limit-minor <amount>]
              everywhere and without a limit where it is left out
  roles       ${ROLE_NAMES.join(', ')}`;

const OPTIONS = {
  name: { type: 'string' },
  roles: { type: 'string' },
  scopes: { type: 'string' },
  days: { type: 'string' },
  'overlap-hours': { type: 'string' },
  reason: { type: 'string' },
  issuer: { type: 'string' },
  subject: { type: 'string' },
  'login-email': { type: 'string' },
  email: { type: 'string' },
  'person-id': { type: 'string' },
  returns: { type: 'boolean' },
  nodes: { type: 'string' },
  channels: { type: 'string' },
  regions: { type: 'string' },
  'limit-minor': { type: 'string' },
} as const;

type Option = keyof typeof OPTIONS;
type Values = ReturnType<typeof parsed>['values'];

const REACH: readonly Option[] = ['nodes', 'channels', 'regions', 'limit-minor'];

/** What each command takes: its options, and what its one word names, where it has one. */
const COMMANDS: Readonly<
  Record<AccessCommand['name'], { readonly word?: string; readonly options: readonly Option[] }>
> = {
  'make-key': { options: ['name', 'roles', 'scopes', 'days', ...REACH] },
  'rotate-key': { word: 'key id', options: ['days', 'overlap-hours'] },
  'revoke-key': { word: 'key id', options: ['reason'] },
  'list-keys': { options: [] },
  'put-person': {
    options: [
      'issuer',
      'subject',
      'login-email',
      'name',
      'email',
      'person-id',
      'roles',
      'returns',
      ...REACH,
    ],
  },
  'end-person': { word: 'person id', options: ['reason'] },
  'list-people': { options: [] },
};

const DAYS = 90;
const OVERLAP_HOURS = 24;

/** Reads the command line. Throws {@link WrongArgumentError}. */
export function readAccessArguments([given, ...args]: readonly string[]): AccessCommand {
  const name = commandOf(given);
  const { values, word } = parse(name, args);
  switch (name) {
    case 'make-key':
      return makeKeyOf(values);
    case 'rotate-key':
      return {
        name,
        keyId: word,
        days: daysIn(values),
        overlapHours: wholeNumber(
          '--overlap-hours',
          values['overlap-hours'],
          OVERLAP_HOURS,
          0,
          MAX_OVERLAP_HOURS,
        ),
      };
    case 'revoke-key':
      return { name, keyId: word, reason: values.reason };
    case 'put-person':
      return putPersonOf(values);
    case 'end-person':
      return { name, personId: word, reason: values.reason };
    case 'list-keys':
    case 'list-people':
      return { name };
  }
}

function commandOf(given: string | undefined): AccessCommand['name'] {
  const known = (Object.keys(COMMANDS) as AccessCommand['name'][]).find((name) => name === given);
  if (known !== undefined) return known;
  throw new WrongArgumentError(
    given === undefined ? USAGE : `There is no command ${given}.\n\n${USAGE}`,
  );
}

function makeKeyOf(values: Values): AccessCommand {
  const roles = rolesIn(values.roles);
  return {
    name: 'make-key',
    keyName: needed('--name', values.name),
    roles,
    scopes: scopesIn(values.scopes, roles),
    reach: reachIn(values),
    days: daysIn(values),
  };
}

function putPersonOf(values: Values): AccessCommand {
  return {
    name: 'put-person',
    person: {
      personId: values['person-id'],
      issuer: needed('--issuer', values.issuer),
      subject: values.subject,
      loginEmail: values['login-email'],
      name: needed('--name', values.name),
      email: values.email,
      roles: rolesIn(values.roles),
      reach: reachIn(values),
      returns: values.returns,
    },
  };
}

/** The options, and the one word that says what the command is about, where it takes one. */
function parse(name: AccessCommand['name'], args: readonly string[]) {
  const { options, word } = COMMANDS[name];
  const { values, positionals } = parsed(args);
  const other = Object.keys(values).find((given) => !options.some((option) => option === given));
  if (other !== undefined) {
    throw new WrongArgumentError(`${name} has no option --${other}.\n\n${USAGE}`);
  }
  if (positionals.length !== (word === undefined ? 0 : 1)) {
    const wanted = word === undefined ? 'options alone' : `one ${word}`;
    throw new WrongArgumentError(`${name} takes ${wanted}.\n\n${USAGE}`);
  }
  return { values, word: positionals[0] ?? '' };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new WrongArgumentError(`${message}\n\n${USAGE}`, { cause: error });
  }
}

function daysIn(values: Values): number {
  return wholeNumber('--days', values.days, DAYS, 1, MAX_LIFETIME_DAYS);
}

function needed(option: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') {
    throw new WrongArgumentError(`${option} is needed.\n\n${USAGE}`);
  }
  return value.trim();
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function rolesIn(text: string | undefined): Role[] {
  const named = listIn(needed('--roles', text));
  const unknown = named.filter((role) => !ROLE_NAMES.some((known) => known === role));
  if (unknown.length > 0) {
    throw new WrongArgumentError(
      `There is no role ${unknown.join(', ')}; the roles are ${ROLE_NAMES.join(', ')}.`,
    );
  }
  return ROLE_NAMES.filter((role) => named.includes(role));
}

function scopesIn(text: string | undefined, roles: readonly Role[]): Scope[] {
  if (text === undefined) return scopesOf(roles).filter((scope) => !isForPeople(scope));
  const named = listIn(text);
  const scopes = keyScopes(
    roles,
    SCOPE_NAMES.filter((scope) => named.includes(scope)),
  );
  const beyond = named.filter((name) => !scopes.some((scope) => scope === name));
  if (beyond.length > 0) {
    throw new WrongArgumentError(`The roles ${roles.join(', ')} do not have ${beyond.join(', ')}.`);
  }
  const people = scopes.filter(isForPeople);
  if (people.length > 0) {
    const message = `${people.join(', ')}: people decide and give rights, keys do not.`;
    throw new WrongArgumentError(message);
  }
  return scopes;
}

function reachIn(values: Values): Reach {
  const limit = values['limit-minor'];
  if (limit !== undefined && !/^\d{1,18}$/.test(limit)) {
    throw new WrongArgumentError('--limit-minor must be a whole number of minor units.');
  }
  return {
    nodes: values.nodes === undefined ? '*' : listIn(values.nodes),
    channels: values.channels === undefined ? '*' : listIn(values.channels),
    regions: values.regions === undefined ? '*' : listIn(values.regions),
    amountMinor: limit === undefined ? null : BigInt(limit),
  };
}

function wholeNumber(
  option: string,
  text: string | undefined,
  standard: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return standard;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw new WrongArgumentError(`${option} must be a whole number from ${least} to ${most}.`);
  }
  return number;
}
