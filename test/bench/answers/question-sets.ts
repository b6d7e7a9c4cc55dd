import type { Locale } from '../../../src/contracts/message.js';
import {
  hasDataSets,
  loadClinc,
  loadFacqaAnswers,
  loadXquadAnswers,
} from '../../knowledge/search/datasets.js';

export interface AnswerableQuestion {
  readonly text: string;
  /** Position of the passage with the answer. */
  readonly passage: number;
  /** A right answer contains one of these. */
  readonly gold: readonly string[];
}

/** The documents of one half of a public set, the questions they answer, and questions they do not. */
export interface QuestionSet {
  readonly name: string;
  readonly locale: Locale;
  readonly passages: readonly string[];
  readonly answerable: readonly AnswerableQuestion[];
  /** Questions about other topics: from the other half, and from people talking to an assistant. */
  readonly foreign: readonly string[];
}

export type Half = 'tuning' | 'reporting';

/** Enough questions that one of them is less than a percentage point. */
const MOST_ANSWERABLE = 400;
const MOST_FOREIGN = 150;

/**
 * The halves share no passage: thresholds are chosen on `tuning`, and figures are published for `reporting`.
 * FacQA has halves of its own, of which the training half is cut to the size of the other.
 */
export function questionSets(half: Half): readonly QuestionSet[] {
  if (!hasDataSets()) return [];
  const clinc = loadClinc();
  const strangers = (half === 'tuning' ? clinc.oos_val : clinc.oos_test).map(([text]) => text);
  const other: Half = half === 'tuning' ? 'reporting' : 'tuning';
  return [
    makeSet('XQuAD', 'en', loadXquadAnswers(half), [...questionsOf(loadXquadAnswers(other)), ...strangers]),
    makeSet('FacQA', 'id', loadFacqaAnswers(half), questionsOf(loadFacqaAnswers(other))),
  ];
}

type Loaded = Pick<QuestionSet, 'passages' | 'answerable'>;

function makeSet(name: string, locale: Locale, loaded: Loaded, foreign: readonly string[]): QuestionSet {
  return {
    name,
    locale,
    passages: loaded.passages,
    answerable: spread(loaded.answerable, MOST_ANSWERABLE),
    foreign: spread(foreign, MOST_FOREIGN),
  };
}

function questionsOf({ answerable }: Loaded): readonly string[] {
  return answerable.map(({ text }) => text);
}

/** At most `count` items, evenly spread. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}
