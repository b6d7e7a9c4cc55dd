import type { CommandValue } from '../../contracts/channel.js';
import type { CommandFile, CommandOption, CommandOptions } from '../../contracts/command.js';
import type { Contact, Conversation } from '../../contracts/stores.js';
import { nearest } from './nearest.js';
import { readLine } from './read-line.js';

/** What is wrong with what a person wrote. */
export type OptionProblem =
  | { readonly type: 'missing'; readonly name: string }
  | { readonly type: 'unknown-option'; readonly name: string }
  | { readonly type: 'left-over'; readonly text: string }
  | { readonly type: 'not-a-number'; readonly name: string; readonly typed: string; readonly whole: boolean }
  | { readonly type: 'out-of-range'; readonly name: string; readonly min?: number; readonly max?: number }
  | { readonly type: 'not-yes-or-no'; readonly name: string; readonly typed: string }
  | { readonly type: 'not-a-choice'; readonly name: string; readonly typed: string; readonly meant?: string }
  | { readonly type: 'too-long'; readonly name: string; readonly length: number; readonly maxLength: number }
  | {
      readonly type: 'not-found';
      readonly name: string;
      readonly kind: 'contact' | 'conversation';
      readonly typed: string;
    };

export type ReadOptions =
  | { readonly type: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly type: 'problem'; readonly problem: OptionProblem };

/** What a command was given: a line, or options that the platform asked for by their names. */
export interface GivenOptions {
  readonly argumentText: string;
  readonly options?: Readonly<Record<string, CommandValue>>;
  readonly files: readonly CommandFile[];
}

/** Finds the records that options name. */
export interface FindRecords {
  contact(typed: string): Promise<Contact | undefined>;
  conversation(typed: string): Promise<Conversation | undefined>;
}

/** Values of the options as `run` expects them, or the first thing that is wrong. */
export async function readOptions(
  options: CommandOptions,
  given: GivenOptions,
  find: FindRecords,
): Promise<ReadOptions> {
  const { written, problem } = writtenValues(options, given);
  if (problem !== undefined) return { type: 'problem', problem };
  const values: Record<string, unknown> = {};
  let files = given.files;
  for (const [name, option] of Object.entries(options)) {
    if (option.type === 'file') {
      const taken = option.many === true ? files : files.slice(0, 1);
      files = files.slice(taken.length);
      values[name] = option.many === true ? taken : taken[0];
      if (option.required === true && taken.length === 0) return missing(name);
      continue;
    }
    const text = written.get(name)?.trim() ?? '';
    if (text === '') {
      if (option.required === true) return missing(name);
      continue;
    }
    const read = await readValue(name, option, text, find);
    if ('problem' in read) return { type: 'problem', problem: read.problem };
    values[name] = read.value;
  }
  return { type: 'values', values };
}

function missing(name: string): ReadOptions {
  return { type: 'problem', problem: { type: 'missing', name } };
}

function writtenValues(
  options: CommandOptions,
  given: GivenOptions,
): { readonly written: ReadonlyMap<string, string>; readonly problem?: OptionProblem } {
  if (given.options !== undefined) {
    const written = new Map(Object.entries(given.options).map(([name, value]) => [name, String(value)]));
    const unknown = [...written.keys()].find((name) => !Object.hasOwn(options, name));
    return unknown === undefined
      ? { written }
      : { written, problem: { type: 'unknown-option', name: unknown } };
  }
  const { written, leftOver } = readLine(options, given.argumentText);
  // Whatever people write behind a command that takes nothing is no mistake of theirs.
  const isTooMuch = leftOver !== '' && Object.keys(options).length > 0;
  return isTooMuch ? { written, problem: { type: 'left-over', text: leftOver } } : { written };
}

type ReadValue = { readonly value: unknown } | { readonly problem: OptionProblem };

async function readValue(
  name: string,
  option: Exclude<CommandOption, { readonly type: 'file' }>,
  typed: string,
  find: FindRecords,
): Promise<ReadValue> {
  switch (option.type) {
    case 'text': {
      const { maxLength = Infinity } = option;
      if (typed.length <= maxLength) return { value: typed };
      return { problem: { type: 'too-long', name, length: typed.length, maxLength } };
    }
    case 'integer':
    case 'number':
      return readNumber(name, option, typed);
    case 'boolean':
      return readBoolean(name, typed);
    case 'choice':
      return readChoice(name, option, typed);
    case 'contact':
    case 'conversation': {
      const value = await find[option.type](typed);
      if (value !== undefined) return { value };
      return { problem: { type: 'not-found', name, kind: option.type, typed } };
    }
    default: {
      const unexpected: never = option;
      return unexpected;
    }
  }
}

function readNumber(
  name: string,
  { type, min, max }: Extract<CommandOption, { readonly type: 'integer' | 'number' }>,
  typed: string,
): ReadValue {
  const whole = type === 'integer';
  const isNumber = (whole ? /^[+-]?\d{1,15}$/ : /^[+-]?\d{1,15}(?:[.,]\d{1,15})?$/).test(typed);
  if (!isNumber) return { problem: { type: 'not-a-number', name, typed, whole } };
  const value = Number(typed.replace(',', '.'));
  if (value >= (min ?? -Infinity) && value <= (max ?? Infinity)) return { value };
  return {
    problem: {
      type: 'out-of-range',
      name,
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    },
  };
}

const YES = new Set(['yes', 'y', 'true', 'on', '1', 'ya', 'iya', 'aktif']);
const NO = new Set(['no', 'n', 'false', 'off', '0', 'tidak', 'nggak', 'gak', 'mati']);

function readBoolean(name: string, typed: string): ReadValue {
  const word = typed.toLowerCase();
  if (YES.has(word)) return { value: true };
  if (NO.has(word)) return { value: false };
  return { problem: { type: 'not-yes-or-no', name, typed } };
}

function readChoice(
  name: string,
  { choices }: Extract<CommandOption, { readonly type: 'choice' }>,
  typed: string,
): ReadValue {
  const word = typed.toLowerCase();
  const choice = choices.find(({ value, aliases = [] }) => value === word || aliases.includes(word));
  if (choice) return { value: choice.value };
  const meant = nearest(
    word,
    choices.map(({ value }) => value),
  );
  return { problem: { type: 'not-a-choice', name, typed, ...(meant === undefined ? {} : { meant }) } };
}
