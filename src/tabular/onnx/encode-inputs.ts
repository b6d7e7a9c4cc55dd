import type { ColumnPlan } from '../features/column-plan.js';
import { datePartsOf, type DatePart } from '../features/date-parts.js';
import { MISSING_WORDS, NO, YES } from '../read/words.js';
import { float, floats, strings, typeNumber, type GraphBuilder } from './graph.js';

/** How one raw column is passed to the artifact. */
export interface ArtifactInput {
  readonly column: string;
  readonly input: string;
  readonly type: 'float' | 'string';
  /** What the caller has to do beforehand, for people and programs that read the metadata. */
  readonly how: string;
}

/** The inputs of an artifact, and the scores computed from them. */
export interface Scored {
  readonly inputs: readonly ArtifactInput[];
  /** `[N, outputs]` */
  readonly scores: string;
}

/** Names of inputs: invalid characters become `_`, and no two names are the same. */
export function inputNames(columns: readonly string[]): string[] {
  const used = new Set<string>();
  return columns.map((column) => {
    const plain = column.replace(/[^A-Za-z0-9_]/g, '_');
    const base = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let name = base;
    for (let copy = 2; used.has(name); copy += 1) name = `${base}_${copy}`;
    used.add(name);
    return name;
  });
}

/**
 * Adds an input for each raw column, and the encoders of its features, each `[N, 1]` of floats. A category the
 * model does not know becomes `unknown`.
 */
export function encodeInputs(
  graph: GraphBuilder,
  plans: readonly ColumnPlan[],
  unknown: number,
): { readonly inputs: readonly ArtifactInput[]; readonly features: readonly string[] } {
  const names = inputNames(plans.map(({ column }) => column));
  const inputs = plans.map((plan, index) => inputOf(plan, names[index] ?? ''));
  for (const { input, type } of inputs) graph.input(input, type);
  return {
    inputs,
    features: plans.flatMap((plan, index) => encode(graph, plan, names[index] ?? '', unknown)),
  };
}

function inputOf(plan: ColumnPlan, input: string): ArtifactInput {
  const { column } = plan;
  switch (plan.type) {
    case 'number':
      return { column, input, type: 'float', how: 'the number; NaN when missing' };
    case 'date':
      return {
        column,
        input,
        type: 'float',
        how: 'days since 1970-01-01, the time of day as a fraction; NaN when missing',
      };
    case 'boolean':
      return { column, input, type: 'string', how: 'the trimmed text, e.g. "yes"; "" when missing' };
    case 'category':
      return { column, input, type: 'string', how: 'the trimmed text; "" when missing' };
    default:
      return plan satisfies never;
  }
}

function encode(graph: GraphBuilder, plan: ColumnPlan, input: string, unknown: number): string[] {
  switch (plan.type) {
    case 'number':
      return [input];
    case 'boolean':
      return [lookUp(graph, input, [...spellings(YES, 1), ...spellings(NO, 0)], Number.NaN)];
    case 'category':
      return [lookUp(graph, input, categoryCodes(plan.categories), unknown)];
    case 'date':
      return datePartsOf(plan.hasTime).map((part) => encodeDatePart(graph, input, part));
    default:
      return plan satisfies never;
  }
}

function categoryCodes(categories: readonly string[]): (readonly [string, number])[] {
  const missing = categories.indexOf('');
  const pairs = categories.map((category, code) => [category, code] as const);
  if (missing === -1) return pairs;
  const known = new Set(categories);
  return [...pairs, ...spellings([...MISSING_WORDS], missing).filter(([word]) => !known.has(word))];
}

/** A word in its usual spellings: in lower case, in upper case, and with a capital. */
function spellings(words: readonly string[], value: number): (readonly [string, number])[] {
  const all = words.flatMap((word) => [
    word,
    word.toUpperCase(),
    word.charAt(0).toUpperCase() + word.slice(1),
  ]);
  return [...new Set(all)].map((word) => [word, value] as const);
}

function lookUp(
  graph: GraphBuilder,
  input: string,
  pairs: readonly (readonly [string, number])[],
  otherwise: number,
): string {
  return graph.learned('LabelEncoder', [input], {
    keys_strings: strings(pairs.map(([key]) => key)),
    values_floats: floats(pairs.map(([, value]) => value)),
    default_float: float(otherwise),
  });
}

/** The arithmetic of `datePart` in doubles, in which NaN stays NaN without special handling. */
function encodeDatePart(graph: GraphBuilder, input: string, part: DatePart): string {
  if (part === 'days') return input;
  const constant = (value: number): string => graph.doubles([value], [1]);
  const add = (a: string, value: number): string => graph.node('Add', [a, constant(value)]);
  const times = (a: string, value: number): string => graph.node('Mul', [a, constant(value)]);
  const over = (a: string, value: number): string =>
    graph.node('Floor', [graph.node('Div', [a, constant(value)])]);
  const minus = (a: string, b: string): string => graph.node('Sub', [a, b]);
  const plus = (a: string, b: string): string => graph.node('Add', [a, b]);
  const exact = graph.node('Cast', [input], { to: typeNumber('double') });
  const days = graph.node('Floor', [exact]);
  const done = (value: string): string => graph.node('Cast', [value], { to: typeNumber('float') });
  if (part === 'weekday') {
    const shifted = add(days, 4);
    return done(minus(shifted, times(over(shifted, 7), 7)));
  }
  if (part === 'hour') {
    return done(graph.node('Floor', [add(times(minus(exact, days), 24), 0.01)]));
  }
  const shifted = add(days, 719_468);
  const dayOfEra = minus(shifted, times(over(shifted, 146_097), 146_097));
  const leapless = minus(
    plus(minus(dayOfEra, over(dayOfEra, 1460)), over(dayOfEra, 36_524)),
    over(dayOfEra, 146_096),
  );
  const year = over(leapless, 365);
  const dayOfYear = minus(dayOfEra, minus(plus(times(year, 365), over(year, 4)), over(year, 100)));
  const month = over(add(times(dayOfYear, 5), 2), 153);
  if (part === 'day of month') return done(add(minus(dayOfYear, over(add(times(month, 153), 2), 5)), 1));
  return done(minus(add(month, 3), times(over(month, 10), 12)));
}
