import { isDoc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { Compiler, Env, Evaluate, OperatorCompiler } from './compile.js';

/** The operands of an operator: `[a, b]`, or a single one without brackets. */
function operands(operand: unknown): readonly unknown[] {
  return Array.isArray(operand) ? (operand as unknown[]) : [operand];
}

function checkedOperands(operand: unknown, name: string, least: number, most: number): readonly unknown[] {
  const all = operands(operand);
  if (all.length >= least && all.length <= most) return all;
  if (least === most) {
    throw new MongoCommandError(
      16020,
      `Expression ${name} takes exactly ${least} arguments. ${all.length} were passed in.`,
    );
  }
  throw new MongoCommandError(
    28667,
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${all.length} were passed in.`,
  );
}

/** Any number of operands. */
export const any =
  (work: (values: readonly unknown[], name: string) => unknown): OperatorCompiler =>
  (operand, compiler, name) => {
    const parts = operands(operand).map((item) => compiler.compile(item));
    return (env) =>
      work(
        parts.map((part) => part(env)),
        name,
      );
  };

export const one =
  (work: (value: unknown, name: string) => unknown): OperatorCompiler =>
  (operand, compiler, name) => {
    const [only] = checkedOperands(operand, name, 1, 1);
    const part = compiler.compile(only);
    return (env) => work(part(env), name);
  };

export const two =
  (work: (a: unknown, b: unknown, name: string) => unknown): OperatorCompiler =>
  (operand, compiler, name) => {
    const [a, b] = checkedOperands(operand, name, 2, 2).map((item) => compiler.compile(item));
    return (env) => work(a?.(env), b?.(env), name);
  };

/** Between `least` and `most` operands; omitted ones are missing. */
export const some =
  (
    least: number,
    most: number,
    work: (values: readonly unknown[], name: string) => unknown,
  ): OperatorCompiler =>
  (operand, compiler, name) => {
    const parts = checkedOperands(operand, name, least, most).map((item) => compiler.compile(item));
    return (env) =>
      work(
        parts.map((part) => part(env)),
        name,
      );
  };

export type NamedValues = Readonly<Record<string, unknown>>;

/** Compiles named operands. Throws `MongoCommandError` 9 if one is missing or unknown. */
export function namedParts(
  operand: unknown,
  compiler: Compiler,
  name: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, Evaluate>> {
  if (!isDoc(operand)) throw new MongoCommandError(9, `${name} requires an object as an argument`);
  for (const key of Object.keys(operand)) {
    if (!required.includes(key) && !optional.includes(key)) {
      throw new MongoCommandError(9, `Unrecognized argument to ${name}: ${key}`);
    }
  }
  const parts: Record<string, Evaluate> = {};
  for (const key of required) {
    if (operand[key] === undefined) throw new MongoCommandError(9, `Missing '${key}' parameter to ${name}`);
  }
  for (const [key, value] of Object.entries(operand)) parts[key] = compiler.compile(value);
  return parts;
}

export const named =
  (
    required: readonly string[],
    optional: readonly string[],
    work: (values: NamedValues, name: string) => unknown,
  ): OperatorCompiler =>
  (operand, compiler, name) => {
    const parts = Object.entries(namedParts(operand, compiler, name, required, optional));
    return (env) => work(evaluateAll(parts, env), name);
  };

function evaluateAll(parts: readonly (readonly [string, Evaluate])[], env: Env): NamedValues {
  const out: Record<string, unknown> = {};
  for (const [key, part] of parts) out[key] = part(env);
  return out;
}

/** Binds a variable to one item after another; all share one `Env`. */
export function bindEach(env: Env, name: string): (value: unknown) => Env {
  const vars: Record<string, unknown> = { ...env.vars };
  const inner: Env = { root: env.root, vars };
  return (value) => {
    vars[name] = value;
    return inner;
  };
}
