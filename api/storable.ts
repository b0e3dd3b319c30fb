import type { FieldError } from './problem.ts';

const MESSAGE = 'must not contain NUL or half a character';
const MAX_ERRORS = 20;
/** No request of ours has ten levels; deeper values would exhaust a stack here or in the ledger. */
const MAX_DEPTH = 32;

/**
 * What the ledger cannot store of a JSON value, by path: strings and names, and nesting of more than 32
 * levels. At most 20 are named; `root` is the name of the whole.
 */
export function unstorable(value: unknown, root = 'body'): FieldError[] {
  const errors: FieldError[] = [];
  visit(value, { path: '', depth: 0, root }, errors);
  return errors;
}

/** Where a value stands in the whole. */
interface Position {
  readonly path: string;
  readonly depth: number;
  readonly root: string;
}

function visit(value: unknown, position: Position, errors: FieldError[]): void {
  if (errors.length >= MAX_ERRORS) return;
  const { path, depth, root } = position;
  const refuse = (message: string) => errors.push({ path: path === '' ? root : path, message });
  if (typeof value === 'string') {
    if (isUnstorable(value)) refuse(MESSAGE);
  } else if (typeof value !== 'object' || value === null) {
    return;
  } else if (depth >= MAX_DEPTH) {
    refuse(`must not be nested deeper than ${MAX_DEPTH} levels`);
  } else if (Array.isArray(value)) {
    for (const [index, part] of value.entries())
      visit(part, { path: `${path}[${index}]`, depth: depth + 1, root }, errors);
  } else {
    for (const [name, part] of Object.entries(value)) {
      // A name of this kind is its object's fault: its own path could not be printed.
      if (isUnstorable(name)) refuse(MESSAGE);
      else
        visit(
          part,
          { path: path === '' ? name : `${path}.${name}`, depth: depth + 1, root },
          errors,
        );
    }
  }
}

/** NUL and lone halves of a surrogate pair: JSON may carry them, the ledger's text cannot. */
function isUnstorable(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text);
}
