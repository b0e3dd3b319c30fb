import { moneyText } from '../approval/money-text.ts';
import type { FieldWords, Measure } from './policy-words.ts';

/** The sentence for a setting that goes from one value to another. */
export function changeSentence(
  words: FieldWords,
  before: unknown,
  after: unknown,
  currency: string,
): string {
  const was = told(words, before, currency);
  const is = told(words, after, currency);
  const name = capital(words.name);
  if (words.measure === 'yes-no') {
    return after === true ? `${name} is allowed from now on.` : `${name} is not allowed any more.`;
  }
  if (words.measure === 'list') return listSentence(name, before, after);
  if (words.measure === 'names') return namesSentence(name, namesIn(before), namesIn(after));
  if (words.measure === 'numbers') return numbersSentence(name, namesIn(before), namesIn(after));
  const way = direction(words.measure, before, after);
  return `${name} ${way} from ${was} to ${is}.`;
}

/** A value as people say it. What is of no known kind is told as JSON, so that nothing goes unsaid. */
function told(words: FieldWords, value: unknown, currency: string): string {
  if (value === undefined || value === null) return 'nothing';
  if (words.measure === 'money' && typeof value === 'string' && /^\d+$/.test(value)) {
    return moneyText(BigInt(value), currency);
  }
  if (typeof value === 'number') return numberText(words.measure, value);
  if (typeof value === 'string') return `“${words.choices?.[value] ?? value}”`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (words.measure === 'hours-by-name') {
    const hours = Object.entries(value as Record<string, number>);
    return listText(hours.map(([name, count]) => `${name} ${countText(count, 'hour')}`));
  }
  return JSON.stringify(value);
}

/** “a, b and c”; `none` for no items. */
export function listText(items: readonly string[], none = 'none'): string {
  const [last = none, ...others] = items.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `1 day`, `2.5 hours`. */
export function countText(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function numberText(measure: Measure, value: number): string {
  if (measure === 'days') return countText(value, 'day');
  return measure === 'hours' ? countText(value, 'hour') : String(value);
}

function direction(measure: Measure, before: unknown, after: unknown): string {
  if (measure === 'money') {
    const [was, is] = [before, after].map((value) =>
      typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : undefined,
    );
    if (was !== undefined && is !== undefined) return is > was ? 'rises' : 'falls';
  }
  if (typeof before === 'number' && typeof after === 'number') {
    return after > before ? 'rises' : 'falls';
  }
  return 'changes';
}

function namesIn(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const names = Object.entries(value).map(([name, meaning]) => [name, String(meaning)]);
  return Object.fromEntries(names);
}

/** Names with what each of them means. */
function namesSentence(
  name: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((item) => {
    const [was, is] = [before[item], after[item]];
    if (was === is) return [];
    if (is === undefined) return [`${item} is taken away`];
    if (was === undefined) return [`${item} (“${is}”) is added`];
    return [`${item} now means “${is}” instead of “${was}”`];
  });
  return `${name}: ${listText(changes)}; now ${listText(Object.keys(after))}.`;
}

/** Numbers by name: those that change, as there are many. */
function numbersSentence(
  name: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((item) => {
    const [was = 'none', is = 'none'] = [before[item], after[item]];
    return was === is ? [] : [`${item} ${is} instead of ${was}`];
  });
  return `${name}: ${listText(changes)}.`;
}

function listSentence(name: string, before: unknown, after: unknown): string {
  const [was, is] = [before, after].map((value) => (Array.isArray(value) ? value.map(String) : []));
  const added = (is ?? []).filter((item) => !(was ?? []).includes(item));
  const removed = (was ?? []).filter((item) => !(is ?? []).includes(item));
  const changes = [
    ...(added.length > 0 ? [`${listText(added)} ${added.length === 1 ? 'is' : 'are'} added`] : []),
    ...(removed.length > 0
      ? [`${listText(removed)} ${removed.length === 1 ? 'is' : 'are'} taken away`]
      : []),
  ];
  const what = changes.length > 0 ? changes.join(', ') : 'the same in another order';
  return `${name}: ${what}; now ${listText(is ?? [])}.`;
}
