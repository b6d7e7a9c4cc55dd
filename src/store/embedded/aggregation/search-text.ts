import { inverseFrequency, saturationOf } from '../../../lib/search-maths.js';
import { valuesAt } from '../bson/paths.js';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';

/** Lucene's default parameters, as in Atlas. */
const LUCENE = { k1: 1.2, b: 0.75 } as const;

/** The score of the document at this index; `undefined` if it does not match. */
export type Scorer = (index: number) => number | undefined;

const bad = (message: string): MongoCommandError => new MongoCommandError(8, message);
const unsupported = (what: string): MongoCommandError =>
  new MongoCommandError(115, `${what} of $search is not supported by the embedded store`);

/** Words as found by the standard analyzer: letters and digits, in lower case. */
const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];

function textsBelow(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsBelow);
  return isDoc(value) ? Object.values(value).flatMap(textsBelow) : [];
}

function pathsOf(path: unknown): readonly (string | undefined)[] {
  const list = Array.isArray(path) ? (path as unknown[]) : [path];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    if (isDoc(item) && item.wildcard === '*') return undefined;
    throw bad('"path" must be a string, an array or {wildcard: "*"}');
  });
}

function textsAt(document: Doc, path: string | undefined): string[] {
  if (path === undefined) return textsBelow(document);
  return valuesAt(document, path.split('.')).flatMap(textsBelow);
}

/** BM25 over each path; the scores of several paths are added. */
function textScorer(documents: readonly Doc[], spec: Doc): Scorer {
  if (spec.fuzzy !== undefined || spec.synonyms !== undefined) throw unsupported('fuzzy or synonyms');
  const queryTerms = [
    ...new Set([spec.query].flat().flatMap((text) => (typeof text === 'string' ? wordsOf(text) : []))),
  ];
  if (queryTerms.length === 0 && typeof spec.query !== 'string') throw bad('"query" is required');
  const mustHaveAll = spec.matchCriteria === 'all';
  const perPath = pathsOf(spec.path).map((path) => pathScores(documents, path, queryTerms));
  return (index) => {
    const matchedTerms = new Set(perPath.flatMap(({ terms }) => [...(terms[index] ?? [])]));
    if (matchedTerms.size === 0 || (mustHaveAll && matchedTerms.size < queryTerms.length)) return undefined;
    return perPath.reduce((sum, { scores }) => sum + (scores[index] ?? 0), 0);
  };
}

function pathScores(
  documents: readonly Doc[],
  path: string | undefined,
  queryTerms: readonly string[],
): { scores: readonly number[]; terms: readonly ReadonlySet<string>[] } {
  const words = documents.map((document) => textsAt(document, path).flatMap(wordsOf));
  const holders = words.filter(({ length }) => length > 0);
  const mean = Math.max(
    1,
    holders.reduce((sum, { length }) => sum + length, 0) / Math.max(1, holders.length),
  );
  const matches = new Map(
    queryTerms.map((term) => [term, holders.filter((list) => list.includes(term)).length]),
  );
  const terms = words.map((list) => new Set(queryTerms.filter((term) => list.includes(term))));
  const scores = words.map((list, i) => {
    const saturation = saturationOf(LUCENE, list.length, mean);
    let score = 0;
    for (const term of terms[i] ?? []) {
      const count = list.filter((word) => word === term).length;
      score += (inverseFrequency(holders.length, matches.get(term) ?? 0) * count) / (count + saturation);
    }
    return score;
  });
  return { scores, terms };
}

/** Scores 1 for every document that passes the filter. */
function constantScorer(documents: readonly Doc[], filter: Doc): Scorer {
  const test = compileFilter(filter);
  return (index) => (test(documents[index] ?? {}) ? 1 : undefined);
}

function clauses(documents: readonly Doc[], value: unknown): Scorer[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((clause) =>
    compileSearch(documents, clause),
  );
}

function compoundScorer(documents: readonly Doc[], spec: Doc): Scorer {
  const [must, should, filter, mustNot] = ['must', 'should', 'filter', 'mustNot'].map((name) =>
    clauses(documents, spec[name]),
  );
  const least =
    toNumber(spec.minimumShouldMatch) ??
    (must?.length || filter?.length ? 0 : mustNot?.length && !should?.length ? 0 : 1);
  return (index) => {
    let score = 0;
    for (const clause of must ?? []) {
      const value = clause(index);
      if (value === undefined) return undefined;
      score += value;
    }
    if ((filter ?? []).some((clause) => clause(index) === undefined)) return undefined;
    if ((mustNot ?? []).some((clause) => clause(index) !== undefined)) return undefined;
    const hits = (should ?? []).map((clause) => clause(index)).filter((value) => value !== undefined);
    return hits.length < least ? undefined : hits.reduce((sum, value) => sum + value, score);
  };
}

/** Applies `score: {boost: {value}}` or `{constant: {value}}`. */
function modified(scorer: Scorer, score: unknown): Scorer {
  if (!isDoc(score)) return scorer;
  const boost = isDoc(score.boost) ? toNumber(score.boost.value) : undefined;
  const constant = isDoc(score.constant) ? toNumber(score.constant.value) : undefined;
  if (boost === undefined && constant === undefined) throw unsupported('this kind of score');
  return (index) => {
    const value = scorer(index);
    return value === undefined ? undefined : (constant ?? value * (boost ?? 1));
  };
}

const OPERATORS: Readonly<Record<string, (documents: readonly Doc[], spec: Doc) => Scorer>> = {
  text: textScorer,
  compound: compoundScorer,
  equals: (documents, spec) => constantScorer(documents, { [String(spec.path)]: { $eq: spec.value } }),
  in: (documents, spec) => constantScorer(documents, { [String(spec.path)]: { $in: [spec.value].flat() } }),
  exists: (documents, spec) => constantScorer(documents, { [String(spec.path)]: { $exists: true } }),
  range: (documents, spec) => {
    const bounds = Object.entries(spec).filter(([name]) => ['gt', 'gte', 'lt', 'lte'].includes(name));
    return constantScorer(documents, {
      [String(spec.path)]: Object.fromEntries(bounds.map(([name, value]) => [`$${name}`, value])),
    });
  },
};

const OPTIONS = new Set(['index', 'count', 'scoreDetails', 'concurrent', 'returnStoredSource', 'tracking']);

/**
 * Compiles `{text: {...}}` or another operator for these documents. Throws `MongoCommandError` 115 if this
 * store does not support it.
 */
export function compileSearch(documents: readonly Doc[], spec: unknown): Scorer {
  if (!isDoc(spec)) throw bad('a search operator must be an object');
  const names = Object.keys(spec).filter((name) => !OPTIONS.has(name));
  const [name = ''] = names;
  const operand = spec[name];
  const compile = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (names.length !== 1 || !compile) throw unsupported(`"${names.join('", "')}"`);
  if (!isDoc(operand)) throw bad(`"${name}" must be an object`);
  return modified(compile(documents, operand), operand.score);
}
