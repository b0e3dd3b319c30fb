import { parseArgs } from 'node:util';

export const USAGE = `npm run replay -- FILE… [--url URL] [--json OUT] [--seed N] [--concurrency N] [--nodes N] [--stay]

  FILE…            months of Online Retail, .csv or .csv.gz, in the order of time
  --url URL        replay against the stack whose API is there (its key in LOOPLINE_API_KEY);
                   without it a fresh stack is started
  --json OUT       write the report to this file too
  --seed N         seed of the simulated providers (1)
  --concurrency N  requests under way at once (16)
  --nodes N        warehouses (1)
  --stay           leave the fresh stack up after the report, until Ctrl-C`;

/** What the command line asks for. */
export interface ReplayArguments {
  readonly files: readonly string[];
  /** Without a slash at the end; null for a stack of its own. */
  readonly url: string | null;
  readonly json: string | null;
  readonly seed: number;
  readonly concurrency: number;
  readonly nodes: number;
  /** The stack of its own stays up until a signal ends it. */
  readonly stay: boolean;
}

/** The command line cannot be read; the message names the argument. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Reads the command line. Throws ArgumentError. */
export function readReplayArguments(argv: readonly string[]): ReplayArguments {
  const { values, positionals } = parse(argv);
  if (positionals.length === 0) throw new ArgumentError('Name at least one file.');
  if (values.stay === true && values.url !== undefined)
    throw new ArgumentError('--stay is for a stack of its own: the one at --url stays up anyway.');
  return {
    files: positionals,
    url: values.url === undefined ? null : readUrl(values.url),
    json: values.json ?? null,
    seed: readNumber('--seed', values.seed, 1, 0, 999_999_999),
    concurrency: readNumber('--concurrency', values.concurrency, 16, 1, 256),
    nodes: readNumber('--nodes', values.nodes, 1, 1, 20),
    stay: values.stay ?? false,
  };
}

function parse(argv: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        url: option,
        json: option,
        seed: option,
        concurrency: option,
        nodes: option,
        stay: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function readUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ArgumentError(`--url must be an http or https URL; it is "${text}".`);
  }
  return text.replace(/\/+$/, '');
}

function readNumber(
  name: string,
  text: string | undefined,
  standard: number,
  lowest: number,
  highest: number,
): number {
  if (text === undefined) return standard;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= lowest && value <= highest)) {
    throw new ArgumentError(
      `${name} must be a whole number from ${lowest} to ${highest}; it is "${text}".`,
    );
  }
  return value;
}
