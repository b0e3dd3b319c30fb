import { createHmac } from 'node:crypto';
import { hearAccessChanges } from '../activities/ledger/access-changes.ts';
import type { Ledger } from '../activities/ledger/connect.ts';
import { authenticator } from '../api/access/authenticate.ts';
import { openIdentityProvider, type IdentitySettings } from '../api/access/login.ts';
import { openCookies } from '../api/access/session-cookie.ts';
import { slowDown } from '../api/access/slow-down.ts';
import { tokenVerifier } from '../api/access/token-verifier.ts';
import type { ApiOptions } from '../api/app.ts';
import { EVERYWHERE, type Principal } from '../rules/access/decide-access.ts';
import { ROLE_NAMES } from '../rules/access/roles.ts';
import { SCOPE_NAMES } from '../rules/access/scopes.ts';
import { ledgerAccessStore } from './access-store.ts';

/** Who may use the API, and how they show it. */
export interface ApiAccessSettings {
  /** The installation's own key, for the programs that run beside it; other keys are made of it. */
  readonly apiKey: string;
  /** How people log in; without it nobody does. */
  readonly identity?: IdentitySettings | undefined;
  /** Signs the cookies of browsers, the same for every process; made of the API key when left out. */
  readonly sessionSecret?: string | undefined;
  /** How many proxies of ours stand before the API. */
  readonly proxies?: number | undefined;
}

/** What the API needs to know of it, for as long as it runs. */
export interface ApiAccess {
  readonly options: Pick<ApiOptions, 'identify' | 'login' | 'slowDown' | 'proxies'>;
  close(): Promise<void>;
}

/** Where nobody logs in, no browser has a cookie either. */
const NO_BROWSERS = 'http://127.0.0.1';

/** Opens the ways into the API: its own keys, service keys, tokens and sessions. */
export function openApiAccess(
  settings: ApiAccessSettings,
  parts: { ledger: Ledger; databaseUrl: string; reportError: (error: unknown) => void },
): ApiAccess {
  const { ledger, databaseUrl, reportError } = parts;
  const { apiKey, identity, proxies } = settings;
  const baseUrl = identity?.baseUrl ?? NO_BROWSERS;
  const cookies = openCookies({
    baseUrl,
    secret: settings.sessionSecret ?? keyFor(apiKey, 'session'),
  });
  const changes = hearAccessChanges(databaseUrl);
  const store = ledgerAccessStore(ledger, changes);
  const provider = identity && openIdentityProvider(identity);
  const tokens =
    identity && provider && tokenVerifier({ ...identity, keysUrl: () => provider.keysUrl() });
  const identify = authenticator({ store, ownKeys: ownKeys(apiKey), tokens, cookies, reportError });
  return {
    options: {
      identify,
      login: provider && { provider, store, cookies, origin: new URL(baseUrl).origin },
      slowDown: slowDown({ tell: (failed) => store.recordFailedLogins(failed), reportError }),
      proxies,
    },
    close: () => changes.close(),
  };
}

/** Signs what the simulated providers post to the webhooks. */
export function webhookSecret(apiKey: string): string {
  return keyFor(apiKey, 'webhook');
}

/** What this API shows the simulated identity provider that it is who it says. */
export function identitySecret(apiKey: string): string {
  return keyFor(apiKey, 'identity');
}

function keyFor(apiKey: string, use: string): string {
  return createHmac('sha256', apiKey).update(use).digest('hex');
}

/** The installation's own programs do everything everywhere, but decide on nothing: that people do. */
function ownKeys(apiKey: string): Map<string, Principal> {
  const operator: Principal = {
    id: 'operator',
    kind: 'process',
    name: 'operator',
    roles: ROLE_NAMES,
    scopes: SCOPE_NAMES,
    reach: EVERYWHERE,
  };
  return new Map([[apiKey, operator]]);
}
