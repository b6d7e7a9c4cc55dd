import type { CommandOption, CommandOptions } from '../../contracts/command.js';

/** The raw value of each option on a line; `leftOver` is what no option takes. */
export interface ReadLine {
  readonly values: ReadonlyMap<string, string>;
  readonly leftOver: string;
}

/** `"two words"`, including the curly quotation marks phones insert. */
const QUOTED = /^["“”„]((?:\\.|[^"“”„\\])*)["“”„](?=\s|\||$)/s;
const WORD = /^\S+/;
/** A web address ends at white space, so options can follow it. */
const ADDRESS = /^https?:\/\/\S+/i;

/**
 * Parses `first "second value" third=value all the rest`. Options are filled in order, or by name with `=`.
 * The last text option takes the rest as it is; without a text option, a last option that may contain spaces
 * does. Unlisted options are taken only by name, files never.
 */
export function readLine(options: CommandOptions, line: string): ReadLine {
  const values = new Map<string, string>();
  const valueOptions = Object.entries(options).filter(([, { type }]) => type !== 'file');
  const typed = valueOptions.filter(([, { unlisted }]) => unlisted !== true);
  const greedy = (typed.findLast(([, { type }]) => type === 'text') ??
    typed.slice(-1).find(mayHaveSpaces))?.[0];
  let rest = line.trim();

  function take(name: string, option: CommandOption): void {
    const { value, length } = firstValue(rest, option, name === greedy);
    values.set(name, value);
    rest = rest.slice(length).trimStart();
    if (option.type === 'text' && option.until === '|') rest = rest.replace(/^\|\s*/, '');
  }
  /** Takes all `name=value` pairs at the beginning. */
  function takeNamed(): void {
    const [prefix = '', name = ''] = /^([a-z][a-z0-9_]*)=\s*/.exec(rest) ?? [];
    const option = valueOptions.find(([key]) => key === name)?.[1];
    if (option === undefined || values.has(name) || (option.type === 'text' && option.unnamed === true))
      return;
    rest = rest.slice(prefix.length);
    take(name, option);
    takeNamed();
  }

  for (const [name, option] of typed) {
    takeNamed();
    if (rest !== '' && !values.has(name) && !isForNext(option, rest)) take(name, option);
  }
  takeNamed();
  return { values, leftOver: rest };
}

/** In `/report yesterday` the word is not a period, so it belongs to the next option. */
function isForNext(option: CommandOption, rest: string): boolean {
  if (option.type !== 'choice' || option.orNext !== true) return false;
  const word = WORD.exec(rest)?.[0].toLowerCase() ?? '';
  return !option.choices.some(({ value, aliases = [] }) => value === word || aliases.includes(word));
}

/** `/conversation Budi Santoso`, `/language bahasa indonesia`. */
function mayHaveSpaces([, { type }]: readonly [string, CommandOption]): boolean {
  return type === 'choice' || type === 'contact' || type === 'conversation';
}

/** The value at the start of a text, and the length it takes up. */
function firstValue(
  text: string,
  option: CommandOption,
  isGreedy: boolean,
): { readonly value: string; readonly length: number } {
  const [quoted, inner] = QUOTED.exec(text) ?? [];
  const endsWithQuote = quoted !== undefined && (!isGreedy || quoted.length === text.length);
  if (inner !== undefined && endsWithQuote) {
    return { value: inner.replace(/\\(.)/gs, '$1'), length: quoted?.length ?? 0 };
  }
  const consumedLength = option.type === 'text' ? (option.takes?.(text) ?? 0) : 0;
  if (consumedLength > 0) return { value: text.slice(0, consumedLength).trim(), length: consumedLength };
  if (option.type === 'text' && option.until === '|' && text.includes('|')) {
    const length = text.indexOf('|');
    return { value: text.slice(0, length).trim(), length };
  }
  const address = ADDRESS.exec(text)?.[0];
  if (address !== undefined && !isGreedy) return { value: address, length: address.length };
  if (isGreedy || (option.type === 'text' && option.until === '|')) {
    return { value: text, length: text.length };
  }
  const word = WORD.exec(text)?.[0] ?? '';
  return { value: word, length: word.length };
}
