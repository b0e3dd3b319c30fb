import { once } from 'node:events';
import { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';

export type Listening = { readonly url: string; readonly close: () => Promise<void> };

export type SimulatorApp = Hono<{ Bindings: HttpBindings }>;

/** Serves the app at the port (0: a free one). Rejects with the port's name when it is taken. */
export async function listen(
  name: string,
  app: SimulatorApp,
  port: number,
  host: string,
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch as (request: Request) => Response });
  if (!(server instanceof Server)) {
    throw new Error('the simulators speak plain HTTP');
  }
  // Longer than any client keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 65_000;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`the ${name} simulator cannot listen at ${host}:${port}`, { cause });
  }
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  const shownHost = host === '0.0.0.0' ? '127.0.0.1' : host;
  return {
    url: `http://${shownHost}:${actualPort}`,
    close: () => closeServer(server),
  };
}

/** Answers under way get a moment; answers that hang on purpose do not hold the end up. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 500);
  await closed;
  clearTimeout(force);
}
