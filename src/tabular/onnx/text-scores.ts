import { wordTable } from '../../lib/words/word-table.js';
import type { LinearWeights } from '../linear/design.js';
import type { Predictor } from '../model/model.js';
import type { Vocabulary } from '../text/vocabulary.js';
import { inputNames, type Scored } from './encode-inputs.js';
import type { GraphBuilder } from './graph.js';
import { int, ints, strings, text, typeNumber } from './graph.js';

const TEXT_HOW =
  'NFKC, lower case, every run of characters that are no letters or digits as one space, trimmed';
/** Prevents division by zero for an empty text. */
const SHORTEST = 1e-12;

/** The scores of a text model, from its terms and from the meaning of the words. */
export function textScores(
  graph: GraphBuilder,
  { columns, vocabulary, tableRevision, weights }: Extract<Predictor, { type: 'text' }>,
): Scored {
  const names = inputNames(columns);
  const inputs = columns.map((column, index) => ({
    column,
    input: names[index] ?? '',
    type: 'string' as const,
    how: TEXT_HOW,
  }));
  for (const { input } of inputs) graph.input(input, 'string');
  const words = wordsOf(graph, names);
  const terms = vocabulary.terms.length;
  const termScores = graph.node('MatMul', [
    termWeights(graph, words, vocabulary),
    rows(graph, weights, 0, terms),
  ]);
  const scores = graph.node('Add', [termScores, graph.floats(weights.bias, [1, weights.outputs])]);
  if (tableRevision === undefined) return { inputs, scores };
  const dimensions = weights.weights.length / weights.outputs - terms;
  const meaningScores = graph.node('MatMul', [
    meanings(graph, words),
    rows(graph, weights, terms, dimensions),
  ]);
  return { inputs, scores: graph.node('Add', [scores, meaningScores]) };
}

/** `[N, most words]`, with empty strings at the end of shorter rows. */
function wordsOf(graph: GraphBuilder, names: readonly string[]): string {
  const joined = names.reduce((all, name) =>
    graph.node('StringConcat', [graph.node('StringConcat', [all, graph.strings([' '], [1])]), name]),
  );
  const flat = graph.node('Reshape', [joined, graph.ints([-1], [1])]);
  return graph.node('StringSplit', [flat], { delimiter: text(' ') });
}

function rows(graph: GraphBuilder, { weights, outputs }: LinearWeights, from: number, count: number): string {
  return graph.floats(weights.subarray(from * outputs, (from + count) * outputs), [count, outputs]);
}

function termWeights(graph: GraphBuilder, words: string, { terms, idf }: Vocabulary): string {
  const counts = graph.node('TfIdfVectorizer', [words], vectorizer(terms));
  return atLengthOne(graph, graph.node('Mul', [counts, graph.floats(idf, [1, terms.length])]));
}

/**
 * The artifact contains the word table as it is stored: a row of integers for each word, and the value of one
 * step of them. Row 0 is for words that are not in the table.
 */
function meanings(graph: GraphBuilder, words: string): string {
  const table = wordTable();
  const names = table.names();
  const { dimensions } = table;
  const steps = new Int8Array((names.length + 1) * dimensions);
  const worths = new Float32Array(names.length + 1);
  names.forEach((_, position) => {
    const { values, worth } = table.steps(position);
    steps.set(values, (position + 1) * dimensions);
    worths[position + 1] = worth;
  });
  const places = graph.learned('LabelEncoder', [words], {
    keys_strings: strings(names),
    values_int64s: ints(names.map((_, position) => position + 1)),
    default_int64: int(0),
  });
  const values = graph.node('Gather', [graph.bytes(steps, [worths.length, dimensions]), places]);
  const scales = graph.node('Gather', [graph.floats(worths, [worths.length, 1]), places]);
  const floats = graph.node('Cast', [values], { to: typeNumber('float') });
  const vectors = graph.node('Mul', [floats, scales]);
  return atLengthOne(graph, graph.node('ReduceSum', [vectors, graph.ints([1], [1])], { keepdims: int(0) }));
}

function atLengthOne(graph: GraphBuilder, vectors: string): string {
  const squares = graph.node('ReduceSumSquare', [vectors, graph.ints([1], [1])], { keepdims: int(1) });
  const length = graph.node('Max', [graph.node('Sqrt', [squares]), graph.floats([SHORTEST], [1])]);
  return graph.node('Div', [vectors, length]);
}

/** Words first, then pairs, each with the output column that counts it. */
function vectorizer(terms: readonly string[]): Parameters<GraphBuilder['node']>[2] {
  const places = terms.map((term, index) => ({ term, index, isPair: term.includes(' ') }));
  const words = places.filter(({ isPair }) => !isPair);
  const pairs = places.filter(({ isPair }) => isPair);
  return {
    mode: text('TF'),
    min_gram_length: int(1),
    max_gram_length: int(pairs.length === 0 ? 1 : 2),
    max_skip_count: int(0),
    pool_strings: strings([
      ...words.map(({ term }) => term),
      ...pairs.flatMap(({ term }) => term.split(' ')),
    ]),
    ngram_counts: ints(pairs.length === 0 ? [0] : [0, words.length]),
    ngram_indexes: ints([...words, ...pairs].map(({ index }) => index)),
  };
}
