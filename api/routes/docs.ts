import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Api } from '../context.ts';

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** The page brings everything from this process: no content delivery network, no foreign fonts. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Loopline API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<main id="api"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
`;

const GENERAL_PROBLEMS = {
  400: 'The body is not JSON',
  401: 'The key, token or session is missing, unknown or over',
  403: 'Beyond the scopes or the reach of whoever asks; `rule` names what says so',
  413: 'The body is larger than 4 MiB',
  415: 'The body is not declared as application/json',
  422: 'A field is wrong; `errors` names it',
  429: 'More requests than allowed; `Retry-After` says when to come back',
  500: 'Something broke on our side',
  503: 'Try again with the same key',
} as const;

/** The API's description at /openapi.json and a readable page of it at /docs. */
export function registerDocsRoutes(app: Api): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A service key, or an access token of the identity provider',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'browser', {
    type: 'http',
    scheme: 'basic',
    description:
      'For browsers, at /openapi.json and /docs alone: any name, and an API key as the password',
  });
  app.get('/openapi.json', (hono) => hono.json(describeApi(app)));

  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/docs', (hono) =>
    hono.html(PAGE, 200, {
      'Content-Security-Policy': CONTENT_POLICY,
      'X-Content-Type-Options': 'nosniff',
    }),
  );
  app.get('/docs/start.js', (hono) =>
    hono.body(START, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/docs/:file', async (hono) => {
    const file = hono.req.param('file');
    const type = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
    if (type === undefined) return hono.notFound();
    const content = await readFile(join(folder, file));
    return hono.body(new Uint8Array(content), 200, {
      'Content-Type': type,
      'Cache-Control': 'private, max-age=86400',
      'X-Content-Type-Options': 'nosniff',
    });
  });
}

/** The document of all routes; problems that any route may answer are added where a route does not name them. */
function describeApi(app: Api): object {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Loopline API',
      version: '1',
      description: [
        'Orders, returns, stock and purchasing of a merchant, as durable processes over one ledger.',
        'Money is an integer string in minor units with its currency; times are RFC 3339 in UTC;',
        'errors are `application/problem+json` and name the field at fault.',
      ].join(' '),
    },
    security: [{ key: [] }],
  });
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of [item.get, item.put, item.post, item.delete]) {
      if (operation !== undefined)
        operation.responses = { ...generalProblems(operation), ...operation.responses };
    }
  }
  return document;
}

/** Problems by status that an operation may meet before its route decides anything. */
function generalProblems(operation: { security?: unknown[]; requestBody?: unknown }): object {
  const body = operation.requestBody === undefined ? [] : ([400, 413, 415] as const);
  const key = operation.security?.length === 0 ? [] : ([401, 403, 429] as const);
  const statuses = [...body, ...key, 422, 500, 503] as const;
  const content = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  return Object.fromEntries(
    statuses.map((status) => [status, { description: GENERAL_PROBLEMS[status], content }]),
  );
}
