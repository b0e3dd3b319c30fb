import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, {
  errors,
  type Adapter,
  type AdapterPayload,
  type Configuration,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { errorPage } from './login-page.ts';
import { MemoryAdapter, type IdentityStore } from './memory-adapter.ts';
import type { IdentitySettings } from './settings.ts';
import { provideUrlParse } from './url-parse.ts';

/** The one scope of the API's audience: what somebody may do there is said there. */
const API_SCOPE = 'api';
const OWN_SCOPES = 'openid profile email';

/**
 * An OpenID Connect provider: authorization code with PKCE, ID tokens with name and address, and access
 * tokens as JWTs for the API where the request names it as its resource. Signing and cookie keys are made
 * here, so a restart ends every login. Settings are read with each request.
 */
export function createProvider(issuer: string, settings: () => IdentitySettings): Provider {
  provideUrlParse();
  const store: IdentityStore = new Map();
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, path: '/' } as const;
  const configuration: Configuration = {
    adapter: (kind) =>
      kind === 'Client' ? clientsOf(settings, store) : new MemoryAdapter(kind, store),
    jwks: { keys: [signingKey()] },
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: {
        session: 'identity_session',
        interaction: 'identity_interaction',
        resume: 'identity_resume',
      },
      long: cookie,
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => resourceServer(resource, settings()),
        // A token of a code that was asked for the API is for the API.
        useGrantedResource: () => true,
      },
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 3_600,
      IdToken: 600,
      Interaction: 600,
      Session: 3_600,
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => accountOf(sub, settings()),
    loadExistingGrant: (ctx) => grantAll(ctx, settings().audience),
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html';
      ctx.body = errorPage(error, description ?? '');
    },
  };
  const provider = new Provider(issuer, configuration);
  provider.on('server_error', (_ctx, error) => {
    console.error('identity simulator:', error);
  });
  return provider;
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
}

/** Clients are what the settings say now; none can be registered by others. */
function clientsOf(settings: () => IdentitySettings, store: IdentityStore): Adapter {
  const adapter = new MemoryAdapter('Client', store);
  adapter.find = async (id) => clientOf(id, settings());
  return adapter;
}

function clientOf(id: string, settings: IdentitySettings): AdapterPayload | undefined {
  const flow = { grant_types: ['authorization_code'], response_types: ['code' as const] };
  if (id === settings.clientId) {
    return {
      ...flow,
      client_id: id,
      client_secret: settings.clientSecret,
      redirect_uris: settings.redirectUris,
      token_endpoint_auth_method: 'client_secret_basic',
    };
  }
  if (id !== settings.toolClientId) return undefined;
  return {
    ...flow,
    client_id: id,
    redirect_uris: settings.toolRedirectUris,
    token_endpoint_auth_method: 'none',
  };
}

function resourceServer(resource: string, { audience, accessTokenSeconds }: IdentitySettings) {
  if (resource !== audience) throw new errors.InvalidTarget();
  return {
    scope: API_SCOPE,
    audience,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: 'RS256' as const } },
  };
}

function accountOf(sub: string, { people }: IdentitySettings) {
  const person = people.find(({ account }) => account === sub);
  if (person === undefined) return undefined;
  const { name, email, emailVerified } = person;
  return {
    accountId: sub,
    claims: () => ({ sub, name, email, email_verified: emailVerified }),
  };
}

/** Whoever has logged in has agreed: it is the company's own application. */
async function grantAll(ctx: KoaContextWithOIDC, audience: string) {
  const { account, client, provider } = ctx.oidc;
  if (account === undefined || client === undefined) return undefined;
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope(OWN_SCOPES);
  grant.addResourceScope(audience, API_SCOPE);
  await grant.save();
  return grant;
}
