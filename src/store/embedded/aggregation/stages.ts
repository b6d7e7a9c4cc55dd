import { Int32, Long } from 'bson';
import { asDoc, field, isDoc, setField, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { parseSort, sortKeyMaker } from '../query/sort.js';
import { isPause } from '../work.js';
import { Groups } from './accumulators.js';
import { bucketStages } from './bucket-stages.js';
import { pathParts, REDACT, type Env, type Evaluate } from './compile.js';
import { metaOf, withMeta } from './expressions.js';
import { geoNearStage } from './geo-near-stage.js';
import { joinStages } from './join-stages.js';
import { count } from './numbers.js';
import { typeName } from './order.js';
import {
  compilePipeline,
  environment,
  stageName,
  type Stage,
  type StageCompiler,
  type StageTable,
} from './pipeline.js';
import { compileAdded, compileProject, compileUnset, withValueAt } from './shape.js';
import { searchStages } from './search-stages.js';
import { windowStages } from './window-stages.js';

/** A stage that turns each document into one or none. */
const eachDocument = (work: (document: Doc, env: Env) => Doc | undefined): Stage =>
  function* run(documents, context) {
    const out: Doc[] = [];
    for (const [index, document] of documents.entries()) {
      const result = work(document, environment(document, context));
      if (result) out.push(withMeta(result, metaOf(document)));
      if (isPause(index)) yield;
    }
    return out;
  };

const match: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec)) throw new MongoCommandError(15959, 'the match filter must be an expression in an object');
  // Reports an invalid filter even if there is nothing to match.
  compileFilter(spec, { compiler, environment: (root) => ({ root, vars: {} }) });
  return function* run(documents, context) {
    const test = compileFilter(spec, { compiler, environment: (root) => environment(root, context) });
    const out: Doc[] = [];
    for (const [index, document] of documents.entries()) {
      if (test(document)) out.push(document);
      if (isPause(index)) yield;
    }
    return out;
  };
};

function integerOf(spec: unknown, name: string, least: number, code: number): number {
  const value = toNumber(spec);
  if (value === undefined || !Number.isInteger(value) || value < least) {
    throw new MongoCommandError(
      code,
      `invalid argument to ${name} stage: expected a ${least > 0 ? 'positive' : 'non-negative'} number, found ${String(value ?? typeName(spec))}`,
    );
  }
  return value;
}

const instantly = (work: (documents: Doc[]) => Doc[]): Stage =>
  function* run(documents) {
    yield;
    return work(documents);
  };

const sort: StageCompiler = (spec) => {
  if (!isDoc(spec)) throw new MongoCommandError(15973, 'the $sort key specification must be an object');
  if (Object.keys(spec).length === 0)
    throw new MongoCommandError(15976, '$sort stage must have at least one sort key');
  const makeKey = sortKeyMaker(parseSort(spec, 15_975), (document) => metaOf(document)?.score);
  return function* run(documents) {
    const rows: { key: string; document: Doc }[] = [];
    for (const [index, document] of documents.entries()) {
      rows.push({ key: makeKey(document), document });
      if (isPause(index)) yield;
    }
    rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return rows.map(({ document }) => document);
  };
};

const group: StageCompiler = (spec, compiler) => {
  if (!isDoc(spec)) throw new MongoCommandError(15947, "a group's fields must be specified in an object");
  if (!('_id' in spec)) throw new MongoCommandError(15955, 'a group specification must include an _id');
  const { _id: idSpec, ...fields } = spec;
  const id = compiler.compile(idSpec);
  return function* run(documents, context) {
    const groups = new Groups(fields, compiler);
    for (const [index, document] of documents.entries()) {
      const env = environment(document, context);
      groups.add(id(env), env);
      if (isPause(index)) yield;
    }
    return groups.finish();
  };
};

const sortByCount: StageCompiler = (spec, compiler, table) => {
  const isPath = typeof spec === 'string' && spec.startsWith('$');
  if (!isPath && !(isDoc(spec) && Object.keys(spec)[0]?.startsWith('$') === true)) {
    throw new MongoCommandError(40149, 'the sortByCount field must be specified as a path or an expression');
  }
  const stages = [
    group({ _id: spec, count: { $sum: new Int32(1) } }, compiler, table),
    sort({ count: new Int32(-1) }, compiler, table),
  ];
  return function* run(documents, context) {
    let rows = documents;
    for (const stage of stages) rows = yield* stage(rows, context);
    return rows;
  };
};

interface Unwind {
  readonly parts: readonly string[];
  readonly index: string | undefined;
  readonly keepsEmpty: boolean;
}

const unwind: StageCompiler = (spec) => {
  const options = isDoc(spec) ? spec : { path: spec };
  const { path } = options;
  if (typeof path !== 'string')
    throw new MongoCommandError(28808, 'expected a string as the path for $unwind stage');
  if (!path.startsWith('$'))
    throw new MongoCommandError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  const index = options.includeArrayIndex;
  if (typeof index === 'string' && (index === '' || index.startsWith('$'))) {
    throw new MongoCommandError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
    );
  }
  const plan: Unwind = {
    parts: pathParts(path.slice(1)),
    index: typeof index === 'string' ? index : undefined,
    keepsEmpty: options.preserveNullAndEmptyArrays === true,
  };
  return function* run(documents) {
    const out: Doc[] = [];
    for (const [at, document] of documents.entries()) {
      unwindOne(document, plan, out);
      if (isPause(at)) yield;
    }
    return out;
  };
};

function unwindOne(document: Doc, { parts, index, keepsEmpty }: Unwind, out: Doc[]): void {
  const value = plainPath(document, parts);
  const add = (item: unknown, at: number | undefined, isReplaced: boolean): void => {
    let row = isReplaced ? withValueAt(document, parts, item) : document;
    if (index !== undefined)
      row = withValueAt(row, index.split('.'), at === undefined ? null : Long.fromNumber(at));
    out.push(row);
  };
  if (Array.isArray(value)) {
    if (value.length === 0 && keepsEmpty) add(undefined, undefined, true);
    value.forEach((item, at) => {
      add(item, at, true);
    });
  } else if (value !== undefined && value !== null) add(value, undefined, false);
  else if (keepsEmpty) add(value, undefined, false);
}

/** The value at a path, through documents but not arrays. */
function plainPath(document: Doc, parts: readonly string[]): unknown {
  let value: unknown = document;
  for (const part of parts) {
    const fields = asDoc(value);
    if (!fields) return undefined;
    value = field(fields, part);
  }
  return value;
}

const replaceWith: StageCompiler = (spec, compiler) => {
  const root = compiler.compile(spec);
  return eachDocument((_document, env) => {
    const newRoot = asDoc(root(env));
    if (!newRoot)
      throw new MongoCommandError(
        40228,
        "'newRoot' expression must evaluate to an object, but resulting value was not one",
      );
    return { ...newRoot };
  });
};

const countStage: StageCompiler = (spec) => {
  if (typeof spec !== 'string' || spec === '')
    throw new MongoCommandError(40156, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoCommandError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('.')) throw new MongoCommandError(40160, "the count field cannot contain '.'");
  return instantly((documents) => (documents.length === 0 ? [] : [{ [spec]: count(documents.length) }]));
};

const sample: StageCompiler = (spec) => {
  if (!isDoc(spec)) throw new MongoCommandError(28745, 'the $sample stage specification must be an object');
  const size = integerOf(spec.size, '$sample', 1, 28747);
  return instantly((documents) => {
    const rows = [...documents];
    for (let i = 0; i < Math.min(size, rows.length); i += 1) {
      const other = i + Math.floor(Math.random() * (rows.length - i));
      const [a, b] = [rows[i], rows[other]];
      if (a && b) [rows[i], rows[other]] = [b, a];
    }
    return rows.slice(0, size);
  });
};

const redact: StageCompiler = (spec, compiler) => {
  const decide = compiler.compile(spec);
  return eachDocument((document, env) => redacted(document, decide, env));
};

function redacted(document: Doc, decide: Evaluate, env: Env): Doc | undefined {
  const answer = decide({ root: document, vars: env.vars });
  if (answer === REDACT.KEEP) return document;
  if (answer === REDACT.PRUNE) return undefined;
  if (answer !== REDACT.DESCEND) {
    throw new MongoCommandError(
      17053,
      "$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE",
    );
  }
  const out: Doc = {};
  for (const name of Object.keys(document)) {
    const value = redactedValue(document[name], decide, env);
    if (value !== undefined) setField(out, name, value);
  }
  return out;
}

function redactedValue(value: unknown, decide: Evaluate, env: Env): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => redactedValue(item, decide, env)).filter((item) => item !== undefined);
  }
  const document = asDoc(value);
  return document ? redacted(document, decide, env) : value;
}

const NOT_IN_FACET = new Set([
  '$out',
  '$merge',
  '$facet',
  '$geoNear',
  '$collStats',
  '$indexStats',
  '$currentOp',
]);

const facet: StageCompiler = (spec, compiler, table) => {
  if (!isDoc(spec) || Object.keys(spec).length === 0)
    throw new MongoCommandError(40169, 'the $facet specification must be a non-empty object');
  const parts = Object.entries(spec).map(([name, pipeline]) => {
    if (!Array.isArray(pipeline))
      throw new MongoCommandError(
        40170,
        `arguments to $facet must be arrays, ${name} is type ${typeName(pipeline)}`,
      );
    const unfit = pipeline.map(stageName).find((stage) => NOT_IN_FACET.has(stage));
    if (unfit !== undefined)
      throw new MongoCommandError(40600, `${unfit} is not allowed to be used within a $facet stage`);
    return { name, run: compilePipeline(pipeline as unknown[], table, compiler) };
  });
  return function* run(documents, context) {
    const out: Doc = {};
    for (const { name, run: below } of parts) setField(out, name, yield* below([...documents], context));
    return [out];
  };
};

const documentsStage: StageCompiler = (spec, compiler) => {
  const list = compiler.compile(spec);
  return instantlyWith((env) => {
    const value = list(env);
    const rows = Array.isArray(value) ? value.map(asDoc) : [undefined];
    if (rows.some((row) => row === undefined))
      throw new MongoCommandError(5858203, '$documents must be an array of objects');
    return rows.filter((row) => row !== undefined);
  });
};

const instantlyWith = (work: (env: Env) => Doc[]): Stage =>
  function* run(_documents, context) {
    yield;
    return work(environment({}, context));
  };

const shaped =
  (
    compile: (spec: unknown, compiler: Parameters<StageCompiler>[1]) => (document: Doc, env: Env) => Doc,
  ): StageCompiler =>
  (spec, compiler) =>
    eachDocument(compile(spec, compiler));

const addFieldsStage: (name: string) => StageCompiler = (name) =>
  shaped((spec, compiler) => compileAdded(spec, compiler, name));

/** All stages except those that write or describe a collection. */
export const STAGES: StageTable = {
  $match: match,
  $project: shaped(compileProject),
  $addFields: addFieldsStage('$addFields'),
  $set: addFieldsStage('$set'),
  $unset: shaped(compileUnset),
  $replaceWith: replaceWith,
  $replaceRoot: (spec, compiler, table) => {
    if (!isDoc(spec) || !('newRoot' in spec))
      throw new MongoCommandError(40231, 'no newRoot specified for the $replaceRoot stage');
    return replaceWith(spec.newRoot, compiler, table);
  },
  $limit: (spec) => {
    const limit = integerOf(spec, '$limit', 1, 15958);
    return instantly((documents) => documents.slice(0, limit));
  },
  $skip: (spec) => {
    const skip = integerOf(spec, '$skip', 0, 15956);
    return instantly((documents) => documents.slice(skip));
  },
  $sort: sort,
  $group: group,
  $sortByCount: sortByCount,
  $count: countStage,
  $unwind: unwind,
  $sample: sample,
  $redact: redact,
  $facet: facet,
  $documents: documentsStage,
  $geoNear: geoNearStage,
  ...bucketStages,
  ...windowStages,
  ...joinStages,
  ...searchStages,
};
