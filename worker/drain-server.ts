import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';
import type { ServerType } from '@hono/node-server';

/**
 * How long a connection may idle. A load balancer that keeps it for longer sends requests into its end, so
 * this is above the 60 s that these commonly have.
 */
const KEEP_ALIVE_MS = 65_000;
/** Whoever has not used a connection for so long after the stop is not about to. */
const IDLE_MS = 5_000;

/** Ends an HTTP server without failing a request. */
export interface Drain {
  /**
   * Refuses new connections, answers what is under way and what still comes over open connections, and
   * tells each of these to close. What is open after `limitMs` is cut, an idle one after 5 s.
   */
  close(limitMs: number): Promise<void>;
}

/** Watches a server from its start, so that it knows what is under way when it has to end. */
export function drainable(server: ServerType): Drain {
  if (!(server instanceof HttpServer)) throw new TypeError('only HTTP/1.1 is served here');
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const underWay = new Set<ServerResponse>();
  let isClosing = false;
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    if (isClosing) sayClose(response);
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
  });
  return {
    close: async (limitMs) => {
      // Right after the system was asked for new connections: those that wait to be accepted would be cut.
      await new Promise((resolve) => setImmediate(resolve));
      isClosing = true;
      for (const response of underWay) sayClose(response);
      const idle = setTimeout(() => server.closeIdleConnections(), Math.min(IDLE_MS, limitMs));
      const limit = setTimeout(() => server.closeAllConnections(), limitMs);
      // The HTTP server's own close() would cut idle connections at once, with requests on their way.
      await new Promise((resolve) => TcpServer.prototype.close.call(server, resolve));
      clearTimeout(idle);
      clearTimeout(limit);
    },
  };
}

function sayClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
