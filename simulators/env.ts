import { z } from 'zod';
import type { SimulatorOptions } from './start-simulators.ts';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

const environment = z.object({
  GATEWAY_PORT: port(4010),
  CARRIER_PORT: port(4020),
  SUPPLIER_PORT: port(4030),
  WAREHOUSE_PORT: port(4040),
  MAIL_PORT: port(4050),
  MAIL_SMTP_PORT: port(4051),
  IDENTITY_PORT: port(4060),
  /** How the identity provider names itself; its address when left out. */
  IDENTITY_ISSUER: z.url().optional(),
  SIM_DATA: z.string().min(1).default('.loopline/simulators'),
  SIM_SEED: z.coerce.number().int().default(1),
  SIM_MODE: z.enum(['live', 'replay']).default('live'),
  SIM_HOST: z.string().min(1).default('127.0.0.1'),
  LOOPLINE_API_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  LOOPLINE_API_KEY: z.string().min(1),
});

/** Throws an error that names every variable at fault. */
export function readEnvironment(variables: NodeJS.ProcessEnv): SimulatorOptions {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the environment of the simulators is wrong: ${faults.join('; ')}`);
  }
  const env = parsed.data;
  return {
    ports: {
      gateway: env.GATEWAY_PORT,
      carrier: env.CARRIER_PORT,
      supplier: env.SUPPLIER_PORT,
      warehouse: env.WAREHOUSE_PORT,
      mail: env.MAIL_PORT,
      identity: env.IDENTITY_PORT,
    },
    smtpPort: env.MAIL_SMTP_PORT,
    dataDir: env.SIM_DATA,
    seed: env.SIM_SEED,
    mode: env.SIM_MODE,
    host: env.SIM_HOST,
    apiUrl: env.LOOPLINE_API_URL,
    apiKey: env.LOOPLINE_API_KEY,
    identityIssuer: env.IDENTITY_ISSUER,
  };
}
