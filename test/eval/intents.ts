import { fitLinear } from '../../src/tabular/linear/fit-linear.js';
import { linearScores } from '../../src/tabular/linear/design.js';
import { WORD_TABLE_REVISION } from '../../src/lib/words/word-table.js';
import { TEXT_OPTIONS, textDesign } from '../../src/tabular/text/text-design.js';
import { familiarityOf, learnFamiliarity } from '../../src/tabular/text/familiarity.js';
import { buildVocabulary } from '../../src/tabular/text/vocabulary.js';
import { hasDataSets, loadClinc } from '../knowledge/search/datasets.js';

/** The share of messages with an intent that may be mistaken for foreign. */
const FALSE_ALARMS = 0.04;

type Pair = readonly [text: string, intent: string];

interface Judged {
  readonly right: boolean;
  readonly familiar: number;
}

/**
 * CLINC150 with the classifier that `/train` builds from a CSV of texts: the share of messages whose intent
 * is found, and the share of foreign messages that are less familiar than 96 in 100 of the validation half; in
 * percent.
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
  const familiarity = learnFamiliarity(
    vocabulary,
    [...train, ...val].map(([text]) => text),
    [...train, ...val].map(([, intent]) => names.indexOf(intent)),
    names.length,
    { rows: Int32Array.from(val, (_, i) => train.length + i), scores: scoresOf(val), ends: [val.length] },
  );
  const inScope = judged(test);
  const percent = (count: number, of: number): number => (100 * count) / of;
  const isKept = ({ familiar }: Judged): boolean => familiar >= FALSE_ALARMS;
  return {
    'CLINC150: in-scope accuracy': percent(inScope.filter(({ right }) => right).length, test.length),
    'CLINC150: out-of-scope recall at 4 % false alarms': percent(
      judged(foreign).filter((each) => !isKept(each)).length,
      foreign.length,
    ),
    'CLINC150: in-scope kept': percent(inScope.filter(isKept).length, test.length),
  };

  function scoresOf(pairs: readonly Pair[]): Float64Array {
    const texts = pairs.map(([text]) => text);
    return linearScores(model, textDesign(features, texts));
  }

  function judged(pairs: readonly Pair[]): readonly Judged[] {
    const scores = scoresOf(pairs);
    return pairs.map(([text, intent], i) => {
      const own = scores.subarray(i * names.length, (i + 1) * names.length);
      const right = names[own.indexOf(Math.max(...own))] === intent;
      return { right, familiar: familiarityOf(familiarity, vocabulary, text, own) };
    });
  }
}
