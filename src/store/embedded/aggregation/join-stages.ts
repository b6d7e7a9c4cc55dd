import { BSONRegExp, Long } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { valuesAt } from '../bson/paths.js';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { isPause, type Work } from '../work.js';
import type { Compiler, Evaluate } from './compile.js';
import { typeName } from './order.js';
import {
  compilePipeline,
  environment,
  stageName,
  type CollectionName,
  type Stage,
  type StageCompiler,
  type StageContext,
  type StageTable,
} from './pipeline.js';
import { withValueAt } from './shape.js';

function namespaceOf(value: unknown, name: string): CollectionName {
  if (typeof value === 'string') return { collection: value };
  if (isDoc(value) && typeof value.coll === 'string') {
    return { collection: value.coll, ...(typeof value.db === 'string' ? { database: value.db } : {}) };
  }
  throw new MongoCommandError(9, `${name} argument 'from' must be a string, is type ${typeName(value)}`);
}

function text(spec: Doc, key: string, name: string): string {
  const value = spec[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new MongoCommandError(9, `${name} argument '${key}' must be a string, is type ${typeName(value)}`);
}

/** The values at a document's local field, elements instead of arrays; null if there are none. */
function localValues(document: Doc, path: string): unknown[] {
  const values = valuesAt(document, path.split('.'))
    .flatMap((value): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value) => value !== undefined);
  return values.length === 0 ? [null] : values;
}

/** The keys by which a filter would find a document: those of its arrays and of their elements. */
function foreignKeys(document: Doc, path: string): Set<string> {
  const values = valuesAt(document, path.split('.')).flatMap((value): unknown[] =>
    Array.isArray(value) ? [value, ...(value as unknown[])] : [value],
  );
  return new Set(values.map((value) => encodeKey(value ?? null)));
}

const isPattern = (value: unknown): boolean => value instanceof BSONRegExp || value instanceof RegExp;

/** Finds what equals one of the values; patterns are values here, too. */
const equalToAny = (path: string, values: readonly unknown[]): Doc => {
  const patterns = values.filter(isPattern);
  const among = { [path]: { $in: values.filter((value) => !isPattern(value)) } };
  return patterns.length === 0
    ? among
    : { $or: [among, ...patterns.map((pattern) => ({ [path]: { $eq: pattern } }))] };
};

/** Finds the documents of another collection that have one of these values at a path. */
type Finder = (values: readonly unknown[]) => Work<Doc[]>;

/** Queries by index, or for a single document; otherwise reads the collection once. */
function* finder(
  { tools }: StageContext,
  from: CollectionName,
  path: string,
  documents: number,
): Work<Finder> {
  if (tools.hasIndex(from, path) || documents <= 1) {
    return function* query(values) {
      return yield* tools.find(from, equalToAny(path, values));
    };
  }
  const all = yield* tools.find(from, {});
  const byKey = new Map<string, number[]>();
  for (const [index, document] of all.entries()) {
    for (const key of foreignKeys(document, path)) {
      const indexes = byKey.get(key);
      if (indexes) indexes.push(index);
      else byKey.set(key, [index]);
    }
    if (isPause(index)) yield;
  }
  return function* lookUp(values) {
    const hits = new Set(values.flatMap((value) => byKey.get(encodeKey(value)) ?? []));
    yield;
    return [...hits].sort((a, b) => a - b).flatMap((index): Doc[] => (all[index] ? [all[index]] : []));
  };
}

interface Below {
  readonly vars: readonly { readonly name: string; readonly value: Evaluate }[];
  readonly run: Stage;
}

function pipelineBelow(spec: Doc, compiler: Compiler, table: StageTable, name: string): Below | undefined {
  if (spec.pipeline === undefined) return undefined;
  if (!Array.isArray(spec.pipeline))
    throw new MongoCommandError(14, `${name} argument 'pipeline' must be an array`);
  const [first] = spec.pipeline as unknown[];
  if (first !== undefined && /search|rankFusion/i.test(stageName(first))) {
    throw new MongoCommandError(
      115,
      `${stageName(first)} inside ${name} is not supported by the embedded store`,
    );
  }
  const letSpec = isDoc(spec.let) ? spec.let : {};
  const vars = Object.entries(letSpec).map(([key, value]) => ({ name: key, value: compiler.compile(value) }));
  const inner = compiler.with(vars.map(({ name: key }) => key));
  return { vars, run: compilePipeline(spec.pipeline as unknown[], table, inner) };
}

function* runBelow(
  below: Below | undefined,
  matches: Doc[],
  document: Doc,
  context: StageContext,
): Work<Doc[]> {
  if (!below) return matches;
  const env = environment(document, context);
  const vars: Record<string, unknown> = { ...context.vars };
  for (const { name, value } of below.vars) vars[name] = value(env);
  return yield* below.run(matches, { tools: context.tools, vars });
}

const LOOKUP = new Set(['from', 'localField', 'foreignField', 'as', 'let', 'pipeline']);

const lookup: StageCompiler = (spec, compiler, table) => {
  if (!isDoc(spec)) throw new MongoCommandError(9, 'the $lookup specification must be an object');
  for (const key of Object.keys(spec))
    if (!LOOKUP.has(key)) throw new MongoCommandError(9, `unknown argument to $lookup: ${key}`);
  const hasFields = spec.localField !== undefined || spec.foreignField !== undefined;
  if (!hasFields && spec.pipeline === undefined) {
    throw new MongoCommandError(
      9,
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  }
  const startsWithDocuments =
    Array.isArray(spec.pipeline) && isDoc(spec.pipeline[0]) && '$documents' in spec.pipeline[0];
  const from = spec.from === undefined && startsWithDocuments ? undefined : namespaceOf(spec.from, '$lookup');
  const as = text(spec, 'as', '$lookup').split('.');
  const fields = hasFields
    ? { local: text(spec, 'localField', '$lookup'), foreign: text(spec, 'foreignField', '$lookup') }
    : undefined;
  const below = pipelineBelow(spec, compiler, table, '$lookup');
  return function* run(documents, context) {
    const find = fields && from ? yield* finder(context, from, fields.foreign, documents.length) : undefined;
    const all = find || !from ? [] : yield* context.tools.find(from, {});
    const out: Doc[] = [];
    for (const [index, document] of documents.entries()) {
      const matches = find && fields ? yield* find(localValues(document, fields.local)) : [...all];
      out.push(withValueAt(document, as, yield* runBelow(below, matches, document, context)));
      if (isPause(index)) yield;
    }
    return out;
  };
};

const GRAPH = new Set([
  'from',
  'startWith',
  'connectFromField',
  'connectToField',
  'as',
  'maxDepth',
  'depthField',
  'restrictSearchWithMatch',
]);

const graphLookup: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec))
    throw new MongoCommandError(40327, '$graphLookup only supports an object as its argument');
  for (const key of Object.keys(spec))
    if (!GRAPH.has(key)) throw new MongoCommandError(40104, `Unknown argument to $graphLookup: ${key}`);
  const from = namespaceOf(spec.from, '$graphLookup');
  if (!('startWith' in spec))
    throw new MongoCommandError(40105, "$graphLookup requires 'startWith' to be specified");
  const start = compiler.compile(spec.startWith);
  const [fromField, toField] = [
    text(spec, 'connectFromField', '$graphLookup'),
    text(spec, 'connectToField', '$graphLookup'),
  ];
  const as = text(spec, 'as', '$graphLookup').split('.');
  const maxDepth = spec.maxDepth === undefined ? Infinity : (toNumber(spec.maxDepth) ?? -1);
  if (maxDepth < 0)
    throw new MongoCommandError(40101, '$graphLookup requires a nonnegative argument for maxDepth');
  const depthField = typeof spec.depthField === 'string' ? spec.depthField.split('.') : undefined;
  const restrict = isDoc(spec.restrictSearchWithMatch) ? spec.restrictSearchWithMatch : {};
  function* reach(values: readonly unknown[], context: StageContext): Work<Doc[]> {
    const matches = new Map<string, Doc>();
    let next = values;
    for (let depth = 0; depth <= maxDepth && next.length > 0; depth += 1) {
      const hits = yield* context.tools.find(from, { $and: [{ [toField]: { $in: next } }, restrict] });
      const fresh = hits.filter((hit) => !matches.has(encodeKey(hit._id)));
      for (const hit of fresh) {
        matches.set(
          encodeKey(hit._id),
          depthField ? withValueAt(hit, depthField, Long.fromNumber(depth)) : hit,
        );
      }
      next = fresh
        .flatMap((hit) => localValues(hit, fromField))
        .filter((value) => value !== null && !Array.isArray(value));
    }
    return [...matches.values()];
  }
  return function* run(documents, context) {
    const out: Doc[] = [];
    for (const document of documents) {
      const first = start(environment(document, context));
      const values = Array.isArray(first) ? (first as unknown[]) : [first ?? null];
      out.push(withValueAt(document, as, yield* reach(values, context)));
      yield;
    }
    return out;
  };
};

const unionWith: StageCompiler = (spec, compiler, table) => {
  const options = isDoc(spec) ? spec : { coll: spec };
  const startsWithDocuments =
    Array.isArray(options.pipeline) && isDoc(options.pipeline[0]) && '$documents' in options.pipeline[0];
  const from =
    options.coll === undefined && startsWithDocuments
      ? undefined
      : namespaceOf(options.db === undefined ? options.coll : options, '$unionWith');
  const below = pipelineBelow(options, compiler, table, '$unionWith');
  return function* run(documents, context) {
    const input = from ? yield* context.tools.find(from, {}) : [];
    return [...documents, ...(below ? yield* below.run(input, context) : input)];
  };
};

export const joinStages: StageTable = { $lookup: lookup, $graphLookup: graphLookup, $unionWith: unionWith };
