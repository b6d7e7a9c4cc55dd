import { BSONRegExp, Int32 } from 'bson';
import { makeRegExp } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { any, named, one, some, two, type NamedValues } from './arguments.js';
import { isNullish, type OperatorCompiler, type OperatorTable } from './compile.js';
import { textOf } from './convert.js';
import { asDouble, count, isNumber } from './numbers.js';
import { typeName } from './order.js';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

/** An operand of a string operator as text: null becomes empty, numbers and dates are written out. */
function textual(value: unknown, name: string): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  const text = isNumber(value) || value instanceof Date ? textOf(value) : undefined;
  if (text === undefined)
    throw new MongoCommandError(16007, `can't convert from BSON type ${typeName(value)} to String (${name})`);
  return text;
}

function integerOf(value: unknown, name: string, what: string, code: number): number {
  const number = isNumber(value) ? asDouble(value) : NaN;
  if (!Number.isInteger(number)) {
    throw new MongoCommandError(
      code,
      `${name} requires an integral ${what}, found a value of type: ${typeName(value)}`,
    );
  }
  return number;
}

function text(value: unknown, name: string, what: string, code: number): string {
  if (typeof value === 'string') return value;
  throw new MongoCommandError(code, `${name} requires that ${what} be a string, found: ${typeName(value)}`);
}

function substringOfPoints(values: readonly unknown[], name: string): string {
  const source = textual(values[0], name);
  const start = integerOf(values[1], name, 'starting index', 34450);
  const length = integerOf(values[2], name, 'length', 34452);
  if (start < 0) throw new MongoCommandError(34455, `${name}: starting index must be non-negative`);
  if (length < 0) throw new MongoCommandError(34454, `${name}: length must be non-negative`);
  return [...source].slice(start, start + length).join('');
}

function substringOfBytes(values: readonly unknown[], name: string): string {
  const source = bytesOf(textual(values[0], name));
  const start = integerOf(values[1], name, 'starting index', 16034);
  const length = integerOf(values[2], name, 'length', 16035);
  if (start < 0)
    throw new MongoCommandError(50752, `${name}: starting index must be non-negative (got: ${start})`);
  const isContinuation = (at: number): boolean => ((source[at] ?? 0) & 0xc0) === 0x80;
  if (isContinuation(start))
    throw new MongoCommandError(
      28656,
      `${name}: Invalid range, starting index is a UTF-8 continuation byte.`,
    );
  const end = length < 0 ? source.length : Math.min(source.length, start + length);
  if (isContinuation(end))
    throw new MongoCommandError(
      28657,
      `${name}: Invalid range, ending index is in the middle of a UTF-8 character.`,
    );
  return source.toString('utf8', start, end);
}

const indexOf = (split: (text: string) => readonly unknown[], isBytes: boolean): OperatorCompiler =>
  some(2, 4, ([source, needle, from = new Int32(0), to], name) => {
    if (isNullish(source)) return null;
    const where = text(source, name, 'the first argument', isBytes ? 40091 : 40093);
    const what = text(needle, name, 'the second argument', isBytes ? 40092 : 40094);
    const units = split(where);
    const start = bound(from, name, 'starting index');
    const end = to === undefined ? units.length : bound(to, name, 'ending index');
    const length = split(what).length;
    for (let at = start; at + length <= Math.min(end, units.length); at += 1) {
      if (split(what).every((unit, i) => units[at + i] === unit)) return count(at);
    }
    return new Int32(-1);
  });

function bound(value: unknown, name: string, what: string): number {
  const number = integerOf(value, name, what, 40096);
  if (number < 0)
    throw new MongoCommandError(40097, `${name} requires a nonnegative ${what}, found: ${number}`);
  return number;
}

const BLANKS = '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

const trim = (left: boolean, right: boolean): OperatorCompiler =>
  named(['input'], ['chars'], ({ input, chars }, name) => {
    if (isNullish(input) || chars === null) return null;
    const units = [...text(input, name, 'its input', 50699)];
    const trimChars = new Set(chars === undefined ? BLANKS : text(chars, name, 'chars', 50700));
    let [from, to] = [0, units.length];
    while (left && from < to && trimChars.has(units[from] ?? '')) from += 1;
    while (right && to > from && trimChars.has(units[to - 1] ?? '')) to -= 1;
    return units.slice(from, to).join('');
  });

const replace = (all: boolean): OperatorCompiler =>
  named(['input', 'find', 'replacement'], [], ({ input, find, replacement }, name) => {
    if (isNullish(input) || isNullish(find) || isNullish(replacement)) return null;
    const source = text(input, name, "'input'", 51746);
    const search = text(find, name, "'find'", 51745);
    const other = text(replacement, name, "'replacement'", 51744);
    if (all)
      return search === ''
        ? [...source].map((c) => other + c).join('') + other
        : source.split(search).join(other);
    const at = source.indexOf(search);
    return at < 0 ? source : source.slice(0, at) + other + source.slice(at + search.length);
  });

function expressionOf({ regex, options }: NamedValues, name: string): RegExp | undefined {
  if (isNullish(regex)) return undefined;
  const flags = isNullish(options) ? '' : text(options, name, "'options'", 51106);
  if (regex instanceof BSONRegExp) {
    if (flags !== '' && regex.options !== '')
      throw new MongoCommandError(
        51107,
        `${name}: found regex options specified in both 'regex' and 'options' fields`,
      );
    return makeRegExp(regex.pattern, flags === '' ? regex.options : flags, 'g');
  }
  return makeRegExp(text(regex, name, "'regex'", 51105), flags, 'g');
}

function hits(values: NamedValues, name: string): RegExpExecArray[] | undefined {
  const pattern = expressionOf(values, name);
  if (isNullish(values.input) || !pattern) return undefined;
  if (typeof values.input !== 'string')
    throw new MongoCommandError(51104, `${name} needs 'input' to be of type string`);
  return [...values.input.matchAll(pattern)];
}

const hit = (match: RegExpExecArray): Record<string, unknown> => ({
  match: match[0],
  idx: count([...match.input.slice(0, match.index)].length),
  captures: match.slice(1).map((capture) => (capture as string | undefined) ?? null),
});

const searching = (work: (matches: RegExpExecArray[] | undefined) => unknown): OperatorCompiler =>
  named(['input', 'regex'], ['options'], (values, name) => work(hits(values, name)));

export const stringOperators: OperatorTable = {
  $concat: any((values, name) => {
    let out = '';
    for (const value of values) {
      if (isNullish(value)) return null;
      if (typeof value !== 'string')
        throw new MongoCommandError(16702, `${name} only supports strings, not ${typeName(value)}`);
      out += value;
    }
    return out;
  }),
  $toLower: one((value, name) => textual(value, name).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())),
  $toUpper: one((value, name) => textual(value, name).replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())),
  $strcasecmp: two((a, b, name) => {
    const [x, y] = [textual(a, name).toUpperCase(), textual(b, name).toUpperCase()];
    return new Int32(x < y ? -1 : x > y ? 1 : 0);
  }),
  $strLenCP: one((value, name) => count([...text(value, name, 'its argument', 34471)].length)),
  $strLenBytes: one((value, name) => count(bytesOf(text(value, name, 'its argument', 34473)).length)),
  $substrCP: some(3, 3, substringOfPoints),
  $substrBytes: some(3, 3, substringOfBytes),
  $substr: some(3, 3, substringOfBytes),
  $indexOfCP: indexOf((value) => [...value], false),
  $indexOfBytes: indexOf((value) => [...bytesOf(value)], true),
  $split: two((source, separator, name) => {
    if (isNullish(source) || isNullish(separator)) return null;
    const what = text(separator, name, 'the second argument', 40086);
    if (what === '') throw new MongoCommandError(40087, '$split requires a non-empty separator');
    return text(source, name, 'the first argument', 40085).split(what);
  }),
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $replaceOne: replace(false),
  $replaceAll: replace(true),
  $regexMatch: searching((matches) => (matches?.length ?? 0) > 0),
  $regexFind: searching((matches) => (matches?.[0] ? hit(matches[0]) : null)),
  $regexFindAll: searching((matches) => (matches ?? []).map(hit)),
};
