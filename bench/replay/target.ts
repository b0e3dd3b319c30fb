import { readEnv, WrongSettingError } from '../../worker/env.ts';
import { DECIDERS } from '../deciders/deciders.ts';
import { enterDeciders, type DecidersSite } from '../deciders/enter-deciders.ts';
import { logIn, openedWhenNeeded } from '../deciders/log-in.ts';
import { httpService, type HttpService } from './api-client.ts';

/** The stack that a replay works on, as its partners see it. */
export interface Target {
  /** The API with the key of a connector and of the people in operations. */
  readonly api: HttpService;
  /** The API in the sessions of those who decide what the first asked for, by the person's id. */
  readonly deciders: ReadonlyMap<string, HttpService>;
  readonly gateway: HttpService;
  readonly supplier: HttpService;
  readonly warehouse: HttpService;
}

/** Where a stack is found. */
export interface TargetAddresses {
  readonly api: string;
  readonly apiKey: string;
  /** The simulated identity provider, and what it has to be told of the API. */
  readonly identity: string;
  readonly client?: DecidersSite['client'];
  readonly gateway: string;
  readonly supplier: string;
  readonly warehouse: string;
}

/** Enters the people who decide, and answers how everybody is reached. */
export async function targetAt(addresses: TargetAddresses): Promise<Target> {
  const { api, apiKey, identity, client, gateway, supplier, warehouse } = addresses;
  const password = await enterDeciders({
    apiUrl: api,
    apiKey,
    identityUrl: identity,
    ...(client === undefined ? {} : { client }),
  });
  const deciders = DECIDERS.map(({ account, personId }) => {
    const session = openedWhenNeeded(() => logIn(api, { account, password }));
    return [personId, httpService(api, { session })] as const;
  });
  return {
    api: httpService(api, { key: apiKey }),
    deciders: new Map(deciders),
    gateway: httpService(gateway),
    supplier: httpService(supplier),
    warehouse: httpService(warehouse),
  };
}

/**
 * The stack whose API is at `url`; its key is in LOOPLINE_API_KEY, its simulators at GATEWAY_URL,
 * SUPPLIER_URL, WAREHOUSE_URL and OIDC_ISSUER or at the ports of `npm start`. Throws WrongSettingError.
 */
export async function targetFromEnvironment(
  url: string,
  variables: NodeJS.ProcessEnv,
): Promise<Target> {
  const env = readEnv(variables);
  if (env.LOOPLINE_API_KEY === undefined) {
    throw new WrongSettingError('LOOPLINE_API_KEY must be set to the key of the API at --url.');
  }
  return targetAt({
    api: url,
    apiKey: env.LOOPLINE_API_KEY,
    identity: at(env.OIDC_ISSUER, env.IDENTITY_PORT),
    gateway: at(env.GATEWAY_URL, env.GATEWAY_PORT),
    supplier: at(env.SUPPLIER_URL, env.SUPPLIER_PORT),
    warehouse: at(variables['WAREHOUSE_URL'], env.WAREHOUSE_PORT),
  });
}

function at(address: string | undefined, port: number): string {
  return address?.replace(/\/+$/, '') ?? `http://127.0.0.1:${port}`;
}
