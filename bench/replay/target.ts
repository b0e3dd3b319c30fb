import { approverKey } from '../../worker/compose.ts';
import { readEnv, WrongSettingError } from '../../worker/env.ts';
import { httpService, type HttpService } from './api-client.ts';

/** The stack that a replay works on, as its partners see it. */
export interface Target {
  /** The API with the key of a connector and of the people in operations. */
  readonly api: HttpService;
  /** The API with the key of somebody who may approve what the first asked for. */
  readonly approver: HttpService;
  readonly gateway: HttpService;
  readonly supplier: HttpService;
  readonly warehouse: HttpService;
}

/** Where a stack is found. */
export interface TargetAddresses {
  readonly api: string;
  readonly apiKey: string;
  readonly approverKey?: string | undefined;
  readonly gateway: string;
  readonly supplier: string;
  readonly warehouse: string;
}

export function targetAt(addresses: TargetAddresses): Target {
  const { api, apiKey, gateway, supplier, warehouse } = addresses;
  return {
    api: httpService(api, { key: apiKey }),
    approver: httpService(api, { key: addresses.approverKey ?? approverKey(apiKey) }),
    gateway: httpService(gateway),
    supplier: httpService(supplier),
    warehouse: httpService(warehouse),
  };
}

/**
 * The stack whose API is at `url`; its key is in LOOPLINE_API_KEY, its simulators at GATEWAY_URL,
 * SUPPLIER_URL and WAREHOUSE_URL or at the ports of `npm start`. Throws WrongSettingError.
 */
export function targetFromEnvironment(url: string, variables: NodeJS.ProcessEnv): Target {
  const env = readEnv(variables);
  if (env.LOOPLINE_API_KEY === undefined) {
    throw new WrongSettingError('LOOPLINE_API_KEY must be set to the key of the API at --url.');
  }
  return targetAt({
    api: url,
    apiKey: env.LOOPLINE_API_KEY,
    approverKey: variables['LOOPLINE_APPROVER_KEY'],
    gateway: at(env.GATEWAY_URL, env.GATEWAY_PORT),
    supplier: at(env.SUPPLIER_URL, env.SUPPLIER_PORT),
    warehouse: at(variables['WAREHOUSE_URL'], env.WAREHOUSE_PORT),
  });
}

function at(address: string | undefined, port: number): string {
  return address?.replace(/\/+$/, '') ?? `http://127.0.0.1:${port}`;
}
