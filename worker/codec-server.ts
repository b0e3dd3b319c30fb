/**
 * `npm run codec-server`: shows the Temporal UI and command line what is in encrypted payloads. Needs the
 * keys of the installation (LOOPLINE_PAYLOAD_KEYS) and a key of its own (LOOPLINE_CODEC_KEY) that its
 * callers present; without either it does not start.
 */
import { serve } from '@hono/node-server';
import { createCodecApp } from './codec-app.ts';
import { readEnv, WrongSettingError } from './env.ts';
import { inOneLine } from './in-one-line.ts';
import { encryptingCodec } from './payload-codec.ts';
import { runUntilStopped } from './stack/run-until-stopped.ts';

const log = (line: string) => console.log(line);

await runUntilStopped(async (parts) => {
  const env = readEnv();
  const { CODEC_HOST: host, CODEC_PORT: port, CODEC_UI_ORIGINS: uiOrigins } = env;
  const codec = encryptingCodec(needed('LOOPLINE_PAYLOAD_KEYS', env.LOOPLINE_PAYLOAD_KEYS));
  const app = createCodecApp({
    codec,
    key: needed('LOOPLINE_CODEC_KEY', env.LOOPLINE_CODEC_KEY),
    uiOrigins,
    reportError: (error) => log(inOneLine(error)),
  });
  await new Promise<void>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, () => resolve());
    server.on('error', reject);
    parts.add({
      name: 'Codec server',
      stop: () =>
        new Promise((stopped) => {
          server.close(() => stopped());
        }),
    });
  });
  log(`The codec server answers pages of ${uiOrigins.join(' and ')} at http://${host}:${port}.`);
}, log);

function needed<Value>(name: string, value: Value | undefined): Value {
  if (value === undefined) throw new WrongSettingError(`${name} must be set.`);
  return value;
}
