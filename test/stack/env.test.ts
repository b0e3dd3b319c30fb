import { expect, test } from 'vitest';
import { readEnv, WrongSettingError } from '../../worker/env.ts';
import { readStartArguments } from '../../worker/start-arguments.ts';

test('without any variable every port has its standard value and the API stays on loopback', () => {
  expect(readEnv({})).toMatchObject({
    API_HOST: '127.0.0.1',
    API_PORT: 3000,
    POSTGRES_PORT: 54_320,
    LOOPLINE_ROLES: ['api', 'worker', 'dispatcher'],
  });
});

test('an empty variable counts as not set', () => {
  expect(readEnv({ API_PORT: '', DATABASE_URL: ' ' })).toEqual(readEnv({}));
});

test.each([
  ['API_PORT', '70000'],
  ['MAIL_PORT', 'eighty'],
  ['DATABASE_URL', 'mysql://somewhere'],
  ['TEMPORAL_ADDRESS', 'http://127.0.0.1:7233'],
  ['GATEWAY_URL', 'ftp://gateway'],
  ['LOOPLINE_API_KEY', 'short'],
  ['LOOPLINE_ROLES', 'api,cook'],
  ['SIM_MODE', 'loud'],
  ['MAIL_SMTP_URL', 'http://mail.example'],
  ['OIDC_ISSUER', 'login.example'],
  ['SESSION_SECRET', 'short'],
  ['API_PROXIES', '-1'],
  ['CODEC_UI_ORIGINS', 'https://ui.example/path'],
  ['LOOPLINE_WEBHOOK_NETWORKS', 'everything'],
  ['LOOPLINE_PAYLOAD_KEYS', 'one:short'],
])('a wrong %s stops the start with a message that names it', (name, value) => {
  expect(() => readEnv({ [name]: value })).toThrow(WrongSettingError);
  expect(() => readEnv({ [name]: value })).toThrow(name);
});

test('every wrong variable is named at once', () => {
  expect(() => readEnv({ API_PORT: '0', SIM_MODE: 'loud' })).toThrow(/API_PORT[^]*SIM_MODE/);
});

test('a wrong secret is named but not shown', () => {
  const secret = 'mysql://admin:hunter2@db/shop';
  expect(() => readEnv({ DATABASE_URL: secret })).not.toThrow(/hunter2/);
});

test.each(['LOOPLINE_PAYLOAD_KEYS', 'LOOPLINE_SECRET_KEYS'])(
  'the keys of %s are read, and shown neither when they are wrong nor when they are printed',
  (name) => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const wrong = { [name]: `one:${key},two:${key.slice(1)}` };
    expect(() => readEnv(wrong)).toThrow(
      `${name} is no list of keys: key 2 (two) must be 32 bytes`,
    );
    expect(() => readEnv(wrong)).not.toThrow(new RegExp(key.slice(1, 20)));
    const env = readEnv({ [name]: `one:${key}` });
    expect(env[name as 'LOOPLINE_PAYLOAD_KEYS']?.activeId).toBe('one');
    expect(JSON.stringify(env)).not.toContain(key);
  },
);

test('two parts on one port are both named', () => {
  expect(() => readEnv({ API_PORT: '4010' })).toThrow('API_PORT and GATEWAY_PORT are both 4010');
});

test('--ports moves ports by the name of the part', () => {
  const { ports, fresh } = readStartArguments(['--fresh', '--ports', 'api=3100,temporal-ui=8300']);
  expect(fresh).toBe(true);
  expect(readEnv(ports)).toMatchObject({ API_PORT: 3100, TEMPORAL_UI_PORT: 8300 });
});

test.each([['--ports=kitchen=1'], ['--ports=api'], ['--frehs']])(
  'a wrong argument %s is named',
  (argument) => {
    const words = argument.split('=').slice(0, 2);
    expect(() => readStartArguments([argument])).toThrow(words.at(-1));
  },
);
