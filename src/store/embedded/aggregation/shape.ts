import { asDoc, field, isDoc, isTrue, setField, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { pathParts, type Compiler, type Env, type Evaluate } from './compile.js';

/** What happens to a field: it is kept, dropped or computed. */
type Leaf =
  | { readonly type: 'keep' }
  | { readonly type: 'drop' }
  | { readonly type: 'compute'; readonly value: Evaluate };
type Node = Leaf | { readonly type: 'below'; readonly fields: Map<string, Node> };

function insert(fields: Map<string, Node>, path: string, leaf: Leaf): void {
  const parts = pathParts(path);
  let at = fields;
  parts.forEach((part, i) => {
    const existing = at.get(part);
    if (i === parts.length - 1) {
      if (existing) throw new MongoCommandError(31250, `Path collision at ${path}`);
      at.set(part, leaf);
      return;
    }
    if (existing && existing.type !== 'below')
      throw new MongoCommandError(31249, `Path collision at ${path}`);
    const below = existing ?? { type: 'below' as const, fields: new Map<string, Node>() };
    at.set(part, below);
    at = below.fields;
  });
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean' || toNumber(value) !== undefined;
const isNested = (value: unknown): value is Doc =>
  isDoc(value) && !Object.keys(value).some((name) => name.startsWith('$')) && Object.keys(value).length > 0;

interface Flagged {
  readonly path: string;
  readonly value: unknown;
}

/** Treats `{a: {b: 1}}` like `{'a.b': 1}`. */
function flatten(spec: Doc, prefix: string, isComputedOnly: boolean): Flagged[] {
  return Object.entries(spec).flatMap(([name, value]) => {
    const path = prefix + name;
    if (isDoc(value) && Object.keys(value).length === 0 && !isComputedOnly) {
      throw new MongoCommandError(
        51270,
        'An empty sub-projection is not a valid value. Found empty object at path',
      );
    }
    return isNested(value) ? flatten(value, `${path}.`, isComputedOnly) : [{ path, value }];
  });
}

/** `$addFields`: computes fields and sets them in a document. */
export function compileAdded(
  spec: unknown,
  compiler: Compiler,
  name: string,
): (document: Doc, env: Env) => Doc {
  if (!isDoc(spec))
    throw new MongoCommandError(40272, `${name} specification stage must be an object, got ${typeof spec}`);
  if (Object.keys(spec).length === 0)
    throw new MongoCommandError(
      40177,
      `Invalid ${name} :: caused by :: specification must have at least one field`,
    );
  const fields = new Map<string, Node>();
  for (const { path, value } of flatten(spec, '', true))
    insert(fields, path, { type: 'compute', value: compiler.compile(value) });
  return (document, env) => put(document, fields, env);
}

/** Returns a copy with the computed fields; an array along a path gets them in each element. */
function put(document: Doc, fields: ReadonlyMap<string, Node>, env: Env): Doc {
  const out: Doc = { ...document };
  for (const [name, node] of fields) {
    if (node.type === 'compute') {
      const value = node.value(env);
      if (value === undefined) Reflect.deleteProperty(out, name);
      else setField(out, name, value);
    } else if (node.type === 'below' && hasComputed(node.fields))
      setField(out, name, putBelow(field(out, name), node.fields, env));
  }
  return out;
}

function putBelow(value: unknown, fields: ReadonlyMap<string, Node>, env: Env): unknown {
  if (Array.isArray(value)) return value.map((item) => putBelow(item, fields, env));
  return put(asDoc(value) ?? {}, fields, env);
}

const hasComputed = (fields: ReadonlyMap<string, Node>): boolean =>
  [...fields.values()].some(
    (node) => node.type === 'compute' || (node.type === 'below' && hasComputed(node.fields)),
  );

/** `$project`: keeps and computes fields, or drops fields. */
export function compileProject(spec: unknown, compiler: Compiler): (document: Doc, env: Env) => Doc {
  if (!isDoc(spec)) throw new MongoCommandError(15969, '$project specification must be an object');
  if (Object.keys(spec).length === 0)
    throw new MongoCommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const flags = flatten(spec, '', false);
  // The first field decides; `_id` only if there is no other.
  const deciding = flags.find(({ path }) => path !== '_id') ?? flags[0];
  const isInclusion = !isFlag(deciding?.value) || isTrue(deciding?.value);
  const fields = new Map<string, Node>();
  if (isInclusion && !flags.some(({ path }) => path === '_id' || path.startsWith('_id.')))
    fields.set('_id', { type: 'keep' });
  for (const { path, value } of flags) insert(fields, path, leafOf(path, value, isInclusion, compiler));
  if (!isInclusion) return (document) => without(document, fields);
  return (document, env) => put(projectKept(document, fields), fields, env);
}

/** `$project` has its own error code for unknown operators. */
function compileComputed(value: unknown, compiler: Compiler): Evaluate {
  try {
    return compiler.compile(value);
  } catch (error) {
    const [name = ''] = isDoc(value) ? Object.keys(value) : [];
    if (error instanceof MongoCommandError && error.code === 168 && error.message.includes(`'${name}'`))
      throw new MongoCommandError(31325, `Unknown expression ${name}`);
    throw error;
  }
}

function leafOf(path: string, value: unknown, isInclusion: boolean, compiler: Compiler): Leaf {
  if (!isFlag(value)) return { type: 'compute', value: compileComputed(value, compiler) };
  if (isTrue(value)) {
    if (!isInclusion && path !== '_id')
      throw new MongoCommandError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
    return { type: 'keep' };
  }
  if (isInclusion && path !== '_id')
    throw new MongoCommandError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
  return { type: 'drop' };
}

function projectKept(document: Doc, fields: ReadonlyMap<string, Node>): Doc {
  const out: Doc = {};
  for (const name of Object.keys(document)) {
    const node = fields.get(name);
    if (!node || node.type === 'drop' || node.type === 'compute') continue;
    const value = node.type === 'keep' ? document[name] : projectBelow(document[name], node.fields);
    if (value !== undefined) setField(out, name, value);
  }
  return out;
}

function projectBelow(value: unknown, fields: ReadonlyMap<string, Node>): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => projectBelow(item, fields));
    // A field computed below turns an element that is no document into one.
    return hasComputed(fields) ? items : items.filter((item) => item !== undefined);
  }
  const document = asDoc(value);
  return document && projectKept(document, fields);
}

function without(document: Doc, fields: ReadonlyMap<string, Node>): Doc {
  const out: Doc = {};
  for (const name of Object.keys(document)) {
    const node = fields.get(name);
    if (node?.type === 'drop') continue;
    setField(out, name, node?.type === 'below' ? withoutBelow(document[name], node.fields) : document[name]);
  }
  return out;
}

function withoutBelow(value: unknown, fields: ReadonlyMap<string, Node>): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutBelow(item, fields));
  const document = asDoc(value);
  return document ? without(document, fields) : value;
}

/** `$unset`. */
export function compileUnset(spec: unknown): (document: Doc) => Doc {
  const paths = Array.isArray(spec) ? (spec as unknown[]) : [spec];
  const fields = new Map<string, Node>();
  for (const path of paths) {
    if (typeof path !== 'string')
      throw new MongoCommandError(31002, '$unset specification must be a string or an array of strings');
    insert(fields, path, { type: 'drop' });
  }
  if (paths.length === 0)
    throw new MongoCommandError(
      31119,
      '$unset specification must be a string or an array with at least one field',
    );
  return (document) => without(document, fields);
}

/**
 * Returns a copy with a value at a path; anything but a document along it becomes one. `undefined` removes
 * the field.
 */
export function withValueAt(document: Doc, parts: readonly string[], value: unknown): Doc {
  const [name = '', ...rest] = parts;
  const out: Doc = { ...document };
  if (rest.length > 0) setField(out, name, withValueAt(asDoc(field(document, name)) ?? {}, rest, value));
  else if (value === undefined) Reflect.deleteProperty(out, name);
  else setField(out, name, value);
  return out;
}
