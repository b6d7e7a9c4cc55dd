import { Timestamp } from 'bson';
import { MongoCommandError } from '../errors.js';
import { accumulatingOperators } from './accumulators.js';
import { arrayOperators, setOperators } from './array-operators.js';
import { arithmeticOperators, logicOperators, objectOperators } from './basic-operators.js';
import { Compiler, type Env, type OperatorTable } from './compile.js';
import { conversionOperators } from './convert.js';
import { dateOperators } from './date-operators.js';
import { stringOperators } from './string-operators.js';

const refused = (_operand: unknown, _compiler: Compiler, name: string): never => {
  throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
};

const OPERATORS: OperatorTable = {
  ...arithmeticOperators,
  ...logicOperators,
  ...objectOperators,
  ...stringOperators,
  ...arrayOperators,
  ...setOperators,
  ...dateOperators,
  ...conversionOperators,
  ...accumulatingOperators,
  $meta: (operand) => {
    const name = META[String(operand)];
    if (name === undefined)
      throw new MongoCommandError(17308, `Unsupported argument to $meta: ${String(operand)}`);
    return ({ root }) => metaOf(root)?.[name];
  },
  $function: refused,
  $accumulator: refused,
  $toHashedIndexKey: refused,
  $encStrContains: refused,
};

const META: Readonly<Record<string, 'score' | 'details'>> = {
  searchScore: 'score',
  vectorSearchScore: 'score',
  score: 'score',
  searchScoreDetails: 'details',
  scoreDetails: 'details',
};

/** What search stages know about a document besides its fields; passed along with it from stage to stage. */
export interface DocumentMeta {
  readonly score: unknown;
  readonly details?: unknown;
}

const metas = new WeakMap<object, DocumentMeta>();

export const metaOf = (document: unknown): DocumentMeta | undefined =>
  typeof document === 'object' && document !== null ? metas.get(document) : undefined;

/** Returns the same document, now with this metadata. */
export function withMeta<Document extends object>(
  document: Document,
  meta: DocumentMeta | undefined,
): Document {
  if (meta) metas.set(document, meta);
  return document;
}

export const compiler = new Compiler(() => OPERATORS);

/** The environment of a command's expressions, with its variables. */
export function newEnvironment(root: unknown, now: Date, vars: Readonly<Record<string, unknown>> = {}): Env {
  const clock = new Timestamp({ t: Math.floor(now.getTime() / 1_000), i: 1 });
  return { root, vars: { NOW: now, CLUSTER_TIME: clock, ...vars } };
}
