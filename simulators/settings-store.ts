import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { parseWith, Problem } from './problem.ts';

type Fields = Record<string, unknown>;

/**
 * The settings of one simulator: those it was started with, and over them what was PUT since.
 * What was PUT is kept in a file, so that a killed and restarted simulator has the same faults.
 */
export class SettingsStore<Settings extends object> {
  readonly #path: string;
  readonly #schema: z.ZodType<Settings>;
  readonly #start: Settings;
  readonly #secretFields: readonly string[];
  #changes: Fields = {};
  #current: Settings;

  constructor(
    path: string,
    schema: z.ZodType<Settings>,
    start: Settings,
    secretFields: readonly string[] = [],
  ) {
    this.#path = path;
    this.#schema = schema;
    this.#start = start;
    this.#secretFields = secretFields;
    this.#changes = readChanges(path);
    this.#current = parseWith(schema, merge(start, this.#changes));
  }

  get current(): Settings {
    return this.#current;
  }

  /** Settings without secrets. What is left out stays as it is when the rest is PUT back. */
  visible(): Fields {
    return Object.fromEntries(
      Object.entries(this.#current).filter(([field]) => !this.#secretFields.includes(field)),
    );
  }

  /** Merges the given fields, nested objects too. Throws a 422 problem that names a wrong field. */
  change(fields: unknown): readonly string[] {
    if (!isFields(fields)) {
      throw new Problem(422, 'settings must be an object');
    }
    const changes = merge(this.#changes, fields);
    this.#current = parseWith(this.#schema, merge(this.#start, changes));
    this.#changes = changes;
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, JSON.stringify(changes, null, 2), { mode: 0o600 });
    renameSync(draft, this.#path);
    return Object.keys(fields);
  }
}

function readChanges(path: string): Fields {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isFields(value) ? value : {};
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return {};
    }
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}

function merge(under: object, over: object): Fields {
  const merged: Fields = { ...under };
  for (const [field, value] of Object.entries(over)) {
    const before = merged[field];
    merged[field] = isFields(before) && isFields(value) ? { ...before, ...value } : value;
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
