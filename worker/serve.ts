/** One process of Loopline where Postgres and Temporal run elsewhere; LOOPLINE_ROLES says what it does. */
import { startLoopline } from './compose.ts';
import { quietEngineLog } from './engine-log.ts';
import { accessSettings, readEnv, serviceSettings, WrongSettingError, type Env } from './env.ts';
import { noticeSettings } from './notice-parts.ts';
import { runUntilStopped } from './stack/run-until-stopped.ts';

const log = (line: string) => console.log(line);
quietEngineLog(log);

await runUntilStopped(async (parts) => {
  const env = readEnv();
  const has = (role: Env['LOOPLINE_ROLES'][number]) => env.LOOPLINE_ROLES.includes(role);
  const loopline = await startLoopline({
    databaseUrl: needed('DATABASE_URL', env.DATABASE_URL),
    temporalAddress: needed('TEMPORAL_ADDRESS', env.TEMPORAL_ADDRESS),
    namespace: env.TEMPORAL_NAMESPACE,
    providers: {
      gateway: needed('GATEWAY_URL', env.GATEWAY_URL),
      carrier: needed('CARRIER_URL', env.CARRIER_URL),
      supplier: needed('SUPPLIER_URL', env.SUPPLIER_URL),
    },
    notices: noticeSettings(env, {
      apiKey: needed('LOOPLINE_API_KEY', env.LOOPLINE_API_KEY),
      smtpUrl: needed('MAIL_SMTP_URL', env.MAIL_SMTP_URL),
      baseUrl: `http://127.0.0.1:${env.API_PORT}`,
    }),
    payloadKeys: env.LOOPLINE_PAYLOAD_KEYS,
    api: {
      host: env.API_HOST,
      port: env.API_PORT,
      ...accessSettings(env, {
        apiKey: needed('LOOPLINE_API_KEY', env.LOOPLINE_API_KEY),
        baseUrl: `http://127.0.0.1:${env.API_PORT}`,
      }),
    },
    roles: { api: has('api'), worker: has('worker'), dispatcher: has('dispatcher') },
    ...serviceSettings(env),
    log,
  });
  parts.add({ name: env.LOOPLINE_ROLES.join(' and '), stop: () => loopline.stop() });
  log(
    `Loopline runs as ${env.LOOPLINE_ROLES.join(', ')}${loopline.apiUrl === '' ? '' : ` at ${loopline.apiUrl}`}.`,
  );
}, log);

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new WrongSettingError(`${name} must be set.`);
  return value;
}
