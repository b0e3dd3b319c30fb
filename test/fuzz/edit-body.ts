import type { Edit } from './fuzz-case.ts';
import { RawJson, writeJson } from './json-text.ts';
import { KnownValue } from './schema-values.ts';

type Known = (field: string) => readonly unknown[];
type Holder = Record<string | number, unknown>;

/** One value inside a body: its holder and its name there. */
interface Place {
  readonly holder: Holder;
  readonly key: string | number;
  /** The name of the field that it, or the array around it, is in. */
  readonly field: string;
}

const MAX_TEXT = 3_000_000;

/** A copy of the body with the values filled in that the shop knows, then changed edit by edit. */
export function editBody(body: unknown, edits: readonly Edit[], known: Known): unknown {
  const root: Holder = { body: fillIn(body, known) };
  for (const edit of edits) {
    const places = [{ holder: root, key: 'body', field: '' }, ...placesIn(root['body'], '')];
    const place = places[edit.at % places.length];
    if (place !== undefined) apply(edit, place, known);
  }
  return root['body'];
}

function fillIn(value: unknown, known: Known): unknown {
  if (value instanceof RawJson) return value;
  if (value instanceof KnownValue) return pickFrom(known(value.field), value.pick) ?? value.field;
  if (Array.isArray(value)) return value.map((part) => fillIn(part, known));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Holder = {};
  for (const [name, part] of Object.entries(value)) define(copy, name, fillIn(part, known));
  return copy;
}

function placesIn(value: unknown, field: string): Place[] {
  if (value instanceof RawJson || typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  const keys = Array.isArray(value) ? [...value.keys()].slice(0, 5) : Object.keys(value);
  return keys.flatMap((key) => {
    const name = typeof key === 'number' ? field : key;
    return [{ holder, key, field: name }, ...placesIn(holder[key], name)];
  });
}

function apply(edit: Edit, { holder, key, field }: Place, known: Known): void {
  const value = holder[key];
  switch (edit.how) {
    case 'replace':
      define(holder, key, fillIn(edit.value, known));
      break;
    case 'swap':
      define(holder, key, pickFrom(known(field), edit.pick) ?? null);
      break;
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      break;
    case 'add': {
      const inside = typeof value === 'object' && value !== null && !(value instanceof RawJson);
      define((inside ? value : holder) as Holder, edit.name, fillIn(edit.value, known));
      break;
    }
    case 'twice':
      define(holder, key, twice(value));
      break;
    case 'repeat': {
      const part = Array.isArray(value) ? (value[0] as unknown) : value;
      const times = Math.min(edit.times, Math.ceil(MAX_TEXT / writeJson(part ?? null).length));
      define(
        holder,
        key,
        Array.from({ length: times }, () => structuredCloneOf(part)),
      );
      break;
    }
  }
}

/** An object whose first field comes a second time. */
function twice(value: unknown): unknown {
  const text = writeJson(value ?? null);
  if (!/^\{./.test(text) || text === '{}') return [value, value];
  const [name = 'a'] = Object.keys(value instanceof RawJson ? {} : (value as object));
  return new RawJson(`${text.slice(0, -1)},${JSON.stringify(name)}:2}`);
}

/** A name such as `__proto__` becomes a field like any other. */
function define(holder: Holder, key: string | number, value: unknown): void {
  if (Array.isArray(holder) && typeof key === 'string') return;
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function structuredCloneOf(value: unknown): unknown {
  return value instanceof RawJson ? value : fillIn(value, () => []);
}

function pickFrom(values: readonly unknown[], pick: number): unknown {
  return values[pick % Math.max(values.length, 1)];
}
