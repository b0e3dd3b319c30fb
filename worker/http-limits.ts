import type { ServerOptions } from 'node:http';

/**
 * What a request may take before the API sees it: headers of 16 KiB, sent within 20 s, the whole of
 * it within a minute. Beyond that Node answers 431 or 408 itself. Bodies have a limit of their own (api/app.ts).
 */
export const HTTP_LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
};
