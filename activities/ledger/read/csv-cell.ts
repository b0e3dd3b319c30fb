import type { Json } from '../connect.ts';

/**
 * A value as a cell of CSV (RFC 4180). Text that a spreadsheet would take for a formula has an apostrophe before
 * it; null is empty.
 */
export function csvCell(value: Json): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
