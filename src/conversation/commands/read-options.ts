import type { CommandValue } from '../../contracts/channel.js';
import type { CommandFile, CommandOption, CommandOptions } from '../../contracts/command.js';
import type { Contact, Conversation } from '../../contracts/stores.js';
import { nearest } from './nearest.js';
import { readLine } from './read-line.js';

/** What is wrong with the person's input. */
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
    }
  /** Several people have this name; `rest` is the remaining input. */
  | {
      readonly type: 'several';
      readonly name: string;
      readonly typed: string;
      readonly contacts: readonly Contact[];
      readonly rest: string;
    };

export type ReadOptions =
  | { readonly type: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly type: 'problem'; readonly problem: OptionProblem };

/** The input of a command: a line, or options the platform asked for by name. */
export interface GivenOptions {
  readonly argumentText: string;
  readonly options?: Readonly<Record<string, CommandValue>>;
  readonly files: readonly CommandFile[];
}

/** The people named by the first `length` characters of a line. */
export interface NamedFirst {
  readonly contacts: readonly Contact[];
  readonly length: number;
}

/** Finds the records that options refer to. */
export interface FindRecords {
  /** The contacts this refers to: none, one, or several with the same name. */
  contacts(typed: string): Promise<readonly Contact[]>;
  /**
   * The longest beginning of the line that names somebody. With `exactly`: by full name, number, address or
   * id only.
   */
  leading(line: string, how: { readonly exactly: boolean }): Promise<NamedFirst | undefined>;
  /** The person being answered from this chat. */
  attended(): Promise<Contact | undefined>;
  conversation(typed: string): Promise<Conversation | undefined>;
}

/** Option values as `run` expects them, or the first problem. */
export async function readOptions(
  options: CommandOptions,
  input: GivenOptions,
  find: FindRecords,
): Promise<ReadOptions> {
  const person = await personFirst(options, input, find);
  if (person?.type === 'problem') return person;
  const others = Object.entries(options).filter(([name]) => name !== person?.name);
  const { rawValues, problem } = rawValuesOf(Object.fromEntries(others), person?.remaining ?? input);
  if (problem !== undefined) return { type: 'problem', problem };
  const values: Record<string, unknown> =
    person?.contact === undefined ? {} : { [person.name]: person.contact };
  let files = input.files;
  for (const [name, option] of Object.entries(options)) {
    if (option.type === 'file') {
      const optionFiles = option.many === true ? files : files.slice(0, 1);
      files = files.slice(optionFiles.length);
      values[name] = option.many === true ? optionFiles : optionFiles[0];
      if (option.required === true && optionFiles.length === 0) return missing(name);
      continue;
    }
    if (values[name] !== undefined) continue;
    const text = rawValues.get(name)?.trim() ?? '';
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

/**
 * The person named at the beginning of a line, or else the one being answered from this chat, and the rest of
 * the line.
 */
async function personFirst(
  options: CommandOptions,
  input: GivenOptions,
  find: FindRecords,
): Promise<
  | {
      readonly type: 'person';
      readonly name: string;
      /** `undefined`: the line names nobody and says something else. */
      readonly contact: Contact | undefined;
      readonly remaining: GivenOptions;
    }
  | { readonly type: 'problem'; readonly problem: OptionProblem }
  | undefined
> {
  const [name, option] = Object.entries(options)[0] ?? [];
  if (name === undefined || option?.type !== 'contact' || option.orHere !== true) return undefined;
  const isNamed =
    input.options === undefined
      ? new RegExp(`^\\s*(?:["“”„]|${name}=)`).test(input.argumentText)
      : input.options[name] !== undefined;
  if (isNamed) return undefined;
  const attended = await find.attended();
  const line = input.options === undefined ? input.argumentText.trim() : '';
  const led = line === '' ? undefined : await find.leading(line, { exactly: attended !== undefined });
  const [first, ...others] = led?.contacts ?? [];
  const rest = line.slice(led?.length ?? 0).trim();
  if (first !== undefined && others.length > 0) {
    const typed = line.slice(0, led?.length);
    return { type: 'problem', problem: { type: 'several', name, typed, contacts: [first, ...others], rest } };
  }
  const contact = first ?? attended;
  if (contact !== undefined) {
    const remaining = input.options === undefined ? { ...input, argumentText: rest } : input;
    return { type: 'person', name, contact, remaining };
  }
  if (line === '') return undefined;
  // "/followup besok jam 9 ...": a time stands where a name could.
  if (takesFirst(options, name, line)) return { type: 'person', name, contact: undefined, remaining: input };
  const [typed = line] = line.split(/\s+/);
  return { type: 'problem', problem: { type: 'not-found', name, kind: 'contact', typed } };
}

function takesFirst(options: CommandOptions, personOption: string, line: string): boolean {
  const next = Object.entries(options).find(([name]) => name !== personOption)?.[1];
  return next?.type === 'text' && (next.takes?.(line) ?? 0) > 0;
}

function missing(name: string): ReadOptions {
  return { type: 'problem', problem: { type: 'missing', name } };
}

function rawValuesOf(
  options: CommandOptions,
  input: GivenOptions,
): { readonly rawValues: ReadonlyMap<string, string>; readonly problem?: OptionProblem } {
  if (input.options !== undefined) {
    const rawValues = new Map(Object.entries(input.options).map(([name, value]) => [name, String(value)]));
    const unknown = [...rawValues.keys()].find((name) => !Object.hasOwn(options, name));
    return unknown === undefined
      ? { rawValues }
      : { rawValues, problem: { type: 'unknown-option', name: unknown } };
  }
  const { values: rawValues, leftOver } = readLine(options, input.argumentText);
  // Extra text after a command without arguments is not an error.
  const isTooMuch = leftOver !== '' && Object.keys(options).length > 0;
  return isTooMuch ? { rawValues, problem: { type: 'left-over', text: leftOver } } : { rawValues };
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
    case 'contact': {
      const [value, ...others] = await find.contacts(typed);
      if (value === undefined) return { problem: { type: 'not-found', name, kind: 'contact', typed } };
      if (others.length === 0) return { value };
      return { problem: { type: 'several', name, typed, contacts: [value, ...others], rest: '' } };
    }
    case 'conversation': {
      const value = await find.conversation(typed);
      if (value !== undefined) return { value };
      return { problem: { type: 'not-found', name, kind: 'conversation', typed } };
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
  const isWhole = type === 'integer';
  const isNumber = (isWhole ? /^[+-]?\d{1,15}$/ : /^[+-]?\d{1,15}(?:[.,]\d{1,15})?$/).test(typed);
  if (!isNumber) return { problem: { type: 'not-a-number', name, typed, whole: isWhole } };
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
  const suggestion = nearest(
    word,
    choices.map(({ value }) => value),
  );
  return {
    problem: {
      type: 'not-a-choice',
      name,
      typed,
      ...(suggestion === undefined ? {} : { meant: suggestion }),
    },
  };
}
