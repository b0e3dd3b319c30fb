import { parseArgs } from 'node:util';
import { WrongSettingError } from './env.ts';
import { PORT_VARIABLES } from './stack/ports.ts';
import { errorText } from './stack/processes.ts';

/** What `npm start -- …` was asked for. */
export type StartArguments = {
  readonly help: boolean;
  readonly fresh: boolean;
  /** Environment variables that stand for `--ports`; they win over those of the process. */
  readonly ports: Readonly<Record<string, string>>;
};

export const USAGE = `npm start -- [--fresh] [--ports name=port,…]

  --fresh   delete this machine's Loopline data first and start over, with a new API key
  --ports   move ports, for example: --ports api=3100,temporal=7300
            names: ${Object.keys(PORT_VARIABLES).join(', ')}`;

/** Reads the command line; throws WrongSettingError that names what is wrong. */
export function readStartArguments(args: readonly string[]): StartArguments {
  const { values } = parse(args);
  return {
    help: values.help ?? false,
    fresh: values.fresh ?? false,
    ports: Object.fromEntries(
      (values.ports ?? [])
        .flatMap((list) => list.split(','))
        .filter(Boolean)
        .map(readPort),
    ),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        fresh: { type: 'boolean' },
        ports: { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    throw new WrongSettingError(`${errorText(error)}\n\n${USAGE}`, { cause: error });
  }
}

function readPort(assignment: string): [string, string] {
  const [name, port] = assignment.split('=', 2).map((part) => part.trim());
  const known = Object.entries(PORT_VARIABLES).find(([candidate]) => candidate === name);
  if (known === undefined || port === undefined || port === '') {
    throw new WrongSettingError(
      `--ports ${assignment}: write name=port, with a name of ${Object.keys(PORT_VARIABLES).join(', ')}.`,
    );
  }
  return [known[1], port];
}
