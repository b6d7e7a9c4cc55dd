import { FARTHEST_FROM_MEAN, type LinearLayout } from '../linear/table-design.js';
import type { LinearWeights } from '../linear/design.js';
import type { TabularModel } from '../model/model.js';
import { encodeInputs, type Scored } from './encode-inputs.js';
import { GraphBuilder, int, typeNumber } from './graph.js';
import { textScores } from './text-scores.js';
import { reorderCategories } from './reorder-categories.js';
import { treeScores } from './tree-nodes.js';

/** As in the matrix that a linear model was fitted to. */
const UNKNOWN_CODE = -1;

/** What a text model says in Sapa and its artifact does not. */
const FAMILIARITY_NOTE = 'familiarities: how much each text is like those the model was trained on';

/**
 * Exports a model as one ONNX file that takes the raw columns, one `[N, 1]` input each. The outputs are
 * `label` and `probabilities` for classes, and `prediction` for numbers. What ONNX cannot do itself is
 * described in the metadata under `sapa.inputs`.
 */
export function exportModel(model: TabularModel, name: string): Buffer {
  const graph = new GraphBuilder();
  const { inputs, scores } = scoresOf(graph, model);
  finishOutputs(graph, model, scores);
  return graph.finish({
    'sapa.name': name,
    'sapa.task': model.task,
    'sapa.target': model.target,
    'sapa.inputs': JSON.stringify(inputs),
    ...(model.classes === undefined ? {} : { 'sapa.classes': JSON.stringify(model.classes) }),
    ...(model.predictor.type === 'text' && model.predictor.familiarity !== undefined
      ? { 'sapa.not-included': FAMILIARITY_NOTE }
      : {}),
  });
}

function scoresOf(graph: GraphBuilder, { predictor, plans }: TabularModel): Scored {
  switch (predictor.type) {
    case 'trees': {
      const model = reorderCategories({ plans, forest: predictor.forest });
      const { inputs, features } = encodeInputs(graph, model.plans, Number.NaN);
      const all = graph.node('Concat', features, { axis: int(1) });
      return { inputs, scores: treeScores(graph, all, model.forest) };
    }
    case 'linear': {
      const { inputs, features } = encodeInputs(graph, plans, UNKNOWN_CODE);
      return { inputs, scores: linearScores(graph, features, predictor.layout, predictor.weights) };
    }
    case 'text':
      return textScores(graph, predictor);
    default:
      return predictor satisfies never;
  }
}

function finishOutputs(
  graph: GraphBuilder,
  { classes, scale, sayWeights }: TabularModel,
  scores: string,
): void {
  if (classes === undefined) {
    const { mean = 0, deviation = 1 } = scale ?? {};
    const scaled = graph.node('Mul', [scores, graph.floats([deviation], [1])]);
    const moved = graph.node('Add', [scaled, graph.floats([mean], [1])]);
    graph.output(moved, 'prediction', 'float', ['N', 1]);
    return;
  }
  const probabilities =
    classes.length === 2 ? bothClasses(graph, scores) : graph.node('Softmax', [scores], { axis: int(1) });
  const weighted =
    sayWeights === undefined
      ? probabilities
      : graph.node('Mul', [probabilities, graph.floats(sayWeights, [1, classes.length])]);
  const best = graph.node('ArgMax', [weighted], { axis: int(1), keepdims: int(0) });
  const names = graph.strings(classes, [classes.length]);
  graph.output(graph.node('Gather', [names, best], { axis: int(0) }), 'label', 'string', ['N']);
  graph.output(probabilities, 'probabilities', 'float', ['N', classes.length]);
}

function bothClasses(graph: GraphBuilder, scores: string): string {
  const second = graph.node('Sigmoid', [scores]);
  const first = graph.node('Sub', [graph.floats([1], [1]), second]);
  return graph.node('Concat', [first, second], { axis: int(1) });
}

function linearScores(
  graph: GraphBuilder,
  features: readonly string[],
  layout: LinearLayout,
  weights: LinearWeights,
): string {
  let sum = graph.floats(weights.bias, [1, weights.outputs]);
  layout.features.forEach((feature, index) => {
    const input = features[index] ?? '';
    const part =
      feature.type === 'number'
        ? numberPart(graph, input, feature, weights)
        : categoryPart(graph, input, feature, weights);
    sum = graph.node('Add', [sum, part]);
  });
  return sum;
}

/** Weights of the design's columns from `at` on, as rows. */
function weightRows({ weights, outputs }: LinearWeights, at: number, count: number): Float32Array {
  return weights.slice(at * outputs, (at + count) * outputs);
}

function numberPart(
  graph: GraphBuilder,
  input: string,
  { at, mean, deviation }: { readonly at: number; readonly mean: number; readonly deviation: number },
  weights: LinearWeights,
): string {
  const moved = graph.node('Sub', [input, graph.floats([mean], [1])]);
  const scaled = graph.node('Div', [moved, graph.floats([deviation], [1])]);
  const clipped = graph.node('Clip', [
    scaled,
    graph.floats([-FARTHEST_FROM_MEAN], []),
    graph.floats([FARTHEST_FROM_MEAN], []),
  ]);
  const weighted = graph.node('Mul', [
    clipped,
    graph.floats(weightRows(weights, at, 1), [1, weights.outputs]),
  ]);
  const whenMissing = graph.floats(weightRows(weights, at + 1, 1), [1, weights.outputs]);
  return graph.node('Where', [graph.node('IsNaN', [input]), whenMissing, weighted]);
}

function categoryPart(
  graph: GraphBuilder,
  input: string,
  { at, shares }: { readonly at: number; readonly shares: readonly number[] },
  weights: LinearWeights,
): string {
  // Row 0 is for an unknown category (-1), which adds nothing; the others follow.
  const rows = [...new Array<number>(weights.outputs).fill(0), ...weightRows(weights, at, shares.length)];
  const table = graph.floats(rows, [shares.length + 1, weights.outputs]);
  const place = graph.node('Add', [input, graph.floats([1], [1])]);
  const asInteger = graph.node('Cast', [place], { to: typeNumber('int64') });
  const flat = graph.node('Reshape', [asInteger, graph.ints([-1], [1])]);
  return graph.node('Gather', [table, flat], { axis: int(0) });
}
