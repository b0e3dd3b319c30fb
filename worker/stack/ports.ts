import { randomInt } from 'node:crypto';
import { createServer, connect } from 'node:net';

/** The environment variable that moves each port, by the name used in `--ports`. */
export const PORT_VARIABLES = {
  api: 'API_PORT',
  postgres: 'POSTGRES_PORT',
  temporal: 'TEMPORAL_PORT',
  'temporal-ui': 'TEMPORAL_UI_PORT',
  gateway: 'GATEWAY_PORT',
  carrier: 'CARRIER_PORT',
  supplier: 'SUPPLIER_PORT',
  warehouse: 'WAREHOUSE_PORT',
  mail: 'MAIL_PORT',
  'mail-smtp': 'MAIL_SMTP_PORT',
  identity: 'IDENTITY_PORT',
} as const;

/** A part of the stack that listens on a port. */
export type PortName = keyof typeof PORT_VARIABLES;

/** A port that the stack needs belongs to somebody else; the message says what to do. */
class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** Refuses with {@link PortTakenError} when 127.0.0.1:`port` cannot be listened on. */
export async function assertPortFree(name: PortName, port: number): Promise<void> {
  const failure = await listenOnce(port).then(
    () => undefined,
    (error: Error) => error,
  );
  if (failure === undefined) return;
  const variable = PORT_VARIABLES[name];
  throw new PortTakenError(
    `Port ${port} on 127.0.0.1, wanted by ${name}, cannot be used: ${failure.message}. ` +
      `Stop what uses it, or move ${name}: npm start -- --ports ${name}=<port> (or ${variable}=<port>).`,
  );
}

/** Refuses with {@link PortTakenError} that names every one of these ports that cannot be used. */
export async function assertPortsFree(
  wanted: readonly { readonly name: PortName; readonly port: number }[],
): Promise<void> {
  const complaints: string[] = [];
  for (const { name, port } of wanted) {
    await assertPortFree(name, port).catch((error: PortTakenError) => {
      complaints.push(error.message);
    });
  }
  if (complaints.length > 0) throw new PortTakenError(complaints.join('\n'));
}

/** Below what systems hand out to outgoing connections, one of which could take it before we do. */
const SET_ASIDE = [16_000, 32_000] as const;
const MOST_ATTEMPTS = 100;

/** A port of 127.0.0.1 that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(...SET_ASIDE);
    const failure = await listenOnce(port).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return port;
    if (attempt === MOST_ATTEMPTS) throw failure;
  }
}

/** Whether something accepts connections at host and port within a second. */
export async function acceptsConnections(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

async function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve());
    });
  });
}
