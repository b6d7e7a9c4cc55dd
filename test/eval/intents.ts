import { fitLinear } from '../../src/tabular/linear/fit-linear.js';
import { linearScores } from '../../src/tabular/linear/design.js';
import { WORD_TABLE_REVISION } from '../../src/lib/words/word-table.js';
import { TEXT_OPTIONS, textDesign } from '../../src/tabular/text/text-design.js';
import { buildVocabulary } from '../../src/tabular/text/vocabulary.js';
import { softmax } from '../../src/tabular/trees/objective.js';
import { hasDataSets, loadClinc } from '../knowledge/search/datasets.js';

/** The share of messages with an intent that may be mistaken for foreign. */
const FALSE_ALARMS = 0.04;

/**
 * CLINC150 with the classifier that `/train` builds from a CSV of texts: the share of messages whose intent
 * is found, and the share of foreign messages recognised as such, with a threshold set on the validation
 * half; in percent.
 */
export function intentSet(): Readonly<Record<string, number>> {
  if (!hasDataSets()) return {};
  const { train, val, test, oos_test: foreign } = loadClinc();
  const names = [...new Set(train.map(([, intent]) => intent))];
  const vocabulary = buildVocabulary(train.map(([text]) => text));
  const features = { vocabulary, tableRevision: WORD_TABLE_REVISION };
  const design = textDesign(
    features,
    train.map(([text]) => text),
  );
  const target = Float64Array.from(train, ([, intent]) => names.indexOf(intent));
  const rows = Int32Array.from(train.keys());
  const model = fitLinear(design, target, rows, { type: 'classes', count: names.length }, TEXT_OPTIONS);
  const judged = (pairs: readonly (readonly [string, string])[]): { right: boolean; sure: number }[] => {
    const scores = linearScores(
      model,
      textDesign(
        features,
        pairs.map(([text]) => text),
      ),
    );
    return pairs.map(([, intent], i) => {
      const own = new Float64Array(names.length);
      softmax(scores, i * names.length, own);
      const sure = Math.max(...own);
      return { right: names[own.indexOf(sure)] === intent, sure };
    });
  };
  const sortedScores = judged(val)
    .map(({ sure }) => sure)
    .sort((a, b) => a - b);
  const threshold = sortedScores[Math.floor(sortedScores.length * FALSE_ALARMS)] ?? 0;
  const inScope = judged(test);
  const percent = (count: number, of: number): number => (100 * count) / of;
  return {
    'CLINC150: in-scope accuracy': percent(inScope.filter(({ right }) => right).length, test.length),
    'CLINC150: out-of-scope recall at 4 % false alarms': percent(
      judged(foreign).filter(({ sure }) => sure < threshold).length,
      foreign.length,
    ),
    'CLINC150: in-scope kept': percent(inScope.filter(({ sure }) => sure >= threshold).length, test.length),
  };
}
