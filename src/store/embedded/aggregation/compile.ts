import { asDoc, field, isDoc, setField, toNumber, type Doc } from '../bson/values.js';
import { refuseUnknownArguments } from './stage-arguments.js';
import { MongoCommandError } from '../errors.js';

/**
 * What an expression is evaluated against. Values have their BSON types (`decodeTyped`); `undefined` is the
 * missing value.
 */
export interface Env {
  readonly root: unknown;
  readonly vars: Readonly<Record<string, unknown>>;
}

export type Evaluate = (env: Env) => unknown;

/** Compiles the operand of one operator. */
export type OperatorCompiler = (operand: unknown, compiler: Compiler, name: string) => Evaluate;
export type OperatorTable = Readonly<Record<string, OperatorCompiler>>;

const SYSTEM_VARIABLES = new Set([
  'ROOT',
  'CURRENT',
  'REMOVE',
  'NOW',
  'CLUSTER_TIME',
  'DESCEND',
  'PRUNE',
  'KEEP',
  'SEARCH_META',
  'USER_ROLES',
]);

/** The three results of a `$redact` expression. */
export const REDACT = { DESCEND: Symbol('descend'), PRUNE: Symbol('prune'), KEEP: Symbol('keep') } as const;

/** Compiles expressions; knows which variables are defined. */
export class Compiler {
  constructor(
    private readonly operators: () => OperatorTable,
    private readonly variables: ReadonlySet<string> = new Set(),
  ) {}

  /** Returns a compiler that knows these variables too. */
  with(names: Iterable<string>): Compiler {
    for (const name of names) checkVariable(name);
    return new Compiler(this.operators, new Set([...this.variables, ...names]));
  }

  /**
   * Throws `MongoCommandError` for unknown operators (168) and variables (17276), and for invalid operands.
   */
  compile(expression: unknown): Evaluate {
    if (typeof expression === 'string' && expression.startsWith('$')) return this.#path(expression);
    if (Array.isArray(expression)) return this.#array(expression);
    if (!isDoc(expression)) return () => expression;
    const names = Object.keys(expression);
    const [first] = names;
    if (first?.startsWith('$') !== true) return this.#object(expression, names);
    if (names.length > 1) {
      throw new MongoCommandError(
        15983,
        'an expression specification must contain exactly one field, the name of the expression',
      );
    }
    const table = this.operators();
    const operator = Object.hasOwn(table, first) ? table[first] : undefined;
    if (!operator) throw new MongoCommandError(168, `Unrecognized expression '${first}'`);
    refuseUnknownArguments(first, expression[first]);
    return operator(expression[first], this, first);
  }

  #path(text: string): Evaluate {
    if (text.startsWith('$$')) return this.#variable(text.slice(2));
    const parts = pathParts(text.slice(1));
    return ({ root }) => valueAt(root, parts);
  }

  #variable(text: string): Evaluate {
    const [name = '', ...rest] = text.split('.');
    if (rest.length > 0) pathParts(rest.join('.'));
    const below = (value: unknown): unknown => (rest.length === 0 ? value : valueBelow(value, rest));
    if (name === 'ROOT' || name === 'CURRENT') return ({ root }) => below(root);
    if (name === 'REMOVE') return () => undefined;
    if (name === 'DESCEND' || name === 'PRUNE' || name === 'KEEP') return () => REDACT[name];
    if (name === 'CLUSTER_TIME' || name === 'NOW') return ({ vars }) => below(vars[name]);
    if (!this.variables.has(name)) throw new MongoCommandError(17276, `Use of undefined variable: ${name}`);
    return ({ vars }) => below(vars[name]);
  }

  #array(items: readonly unknown[]): Evaluate {
    const parts = items.map((item) => this.compile(item));
    return (env) => parts.map((part) => part(env) ?? null);
  }

  #object(fields: Doc, names: readonly string[]): Evaluate {
    const parts = names.map((name) => {
      if (name.startsWith('$') || name.includes('.')) {
        throw new MongoCommandError(
          name.includes('.') ? 16405 : 15983,
          `FieldPath field names may not contain '.' or begin with '$': ${name}`,
        );
      }
      return { name, part: this.compile(fields[name]) };
    });
    return (env) => {
      const out: Doc = {};
      for (const { name, part } of parts) {
        const value = part(env);
        if (value !== undefined) setField(out, name, value);
      }
      return out;
    };
  }
}

function checkVariable(name: string): void {
  if (SYSTEM_VARIABLES.has(name) && name !== 'CURRENT') {
    throw new MongoCommandError(9, `'${name}' is not allowed as a variable name: it is reserved`);
  }
  if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$|^CURRENT$/.test(name)) {
    throw new MongoCommandError(9, `'${name}' starts with an invalid character for a user variable name`);
  }
}

/** Throws `MongoCommandError` if the path or a part of it is empty, or a part starts with `$`. */
export function pathParts(path: string): string[] {
  if (path === '') throw new MongoCommandError(16872, "'$' by itself is not a valid FieldPath");
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '') throw new MongoCommandError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$'))
      throw new MongoCommandError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
  }
  return parts;
}

/** The value at a path; through an array, an array of the values in its documents. */
export function valueAt(root: unknown, parts: readonly string[]): unknown {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    const fields = asDoc(root);
    return fields && field(fields, first);
  }
  return below(root, parts, 0);
}

function below(value: unknown, parts: readonly string[], at: number): unknown {
  const fields = asDoc(value);
  const name = parts[at];
  if (!fields || name === undefined) return undefined;
  const next = field(fields, name);
  if (at === parts.length - 1) return next;
  return Array.isArray(next) ? inArray(next, parts, at + 1) : below(next, parts, at + 1);
}

function inArray(array: readonly unknown[], parts: readonly string[], at: number): unknown[] {
  const out: unknown[] = [];
  for (const item of array) {
    const value = below(item, parts, at);
    if (value !== undefined) out.push(value);
  }
  return out;
}

/** Like `valueAt`, but starting from a value that may itself be an array. */
const valueBelow = (value: unknown, parts: readonly string[]): unknown =>
  Array.isArray(value) ? inArray(value, parts, 0) : below(value, parts, 0);

/** Whether MongoDB takes a value as true: missing, null, false and zero are false. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return toNumber(value) !== 0;
}

export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined;
