import type { FieldError } from './problem.ts';

const MESSAGE = 'must not contain NUL or half a character';
const MAX_ERRORS = 20;

/** The strings and names of a JSON value that the ledger cannot store, by path; at most 20 are named. */
export function unstorable(value: unknown, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  visit(value, path, errors);
  return errors;
}

function visit(value: unknown, path: string, errors: FieldError[]): void {
  if (errors.length >= MAX_ERRORS) return;
  if (typeof value === 'string') {
    if (isUnstorable(value)) errors.push({ path: path === '' ? 'body' : path, message: MESSAGE });
  } else if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) visit(part, `${path}[${index}]`, errors);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      // A name of this kind is its object's fault: its own path could not be printed.
      if (isUnstorable(name)) errors.push({ path: path === '' ? 'body' : path, message: MESSAGE });
      else visit(part, path === '' ? name : `${path}.${name}`, errors);
    }
  }
}

/** NUL and lone halves of a surrogate pair: JSON may carry them, the ledger's text cannot. */
function isUnstorable(text: string): boolean {
  return text.includes('\0') || /\p{Surrogate}/u.test(text);
}
