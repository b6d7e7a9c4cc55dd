import type { DataPart } from '../../contracts/model.js';
import { RULES } from './concepts.js';
import { toUnits, type Unit } from './units.js';
import type { Question, Vocabulary } from './vocabulary.js';

/** A data part with the number it is cited by. */
export type Passage = DataPart & { readonly citation: number };

/** Pieces of one passage that answer together, in their order. */
export interface Quotes {
  readonly passage: Passage;
  readonly kind: Unit['kind'];
  readonly texts: readonly string[];
}

/**
 * Share of the question's weight that an answer must speak of, by how many of its subjects it
 * does speak of: a long question has words beside its subject, but three of its subjects in one
 * place are rarely chance.
 */
const ENOUGH = { few: 0.55, three: 0.45, more: 0.36 } as const;
/** Share that the best single piece must speak of before its neighbours may complete it. */
const ENOUGH_ALONE = 0.3;
/** What a heading and a title are worth, compared with the words of the piece itself. */
const CONTEXT_WORTH = 0.9;
const TITLE_WORTH = 0.75;
/** What no piece speaks of is most likely the very thing that was asked for. */
const MISSING_FACTOR = 1.2;
/** Under a rule of the business it is most likely the article, which the rule need not name. */
const MISSING_UNDER_RULE = 0.2;
const WISH_BONUS = 0.08;
/** The search put the passages in order; this decides between equals. */
const RANK_MALUS = 0.01;
const MOST_QUOTES = 3;
/** Sentences further away than this speak of something else. */
const NEAR = 2;
/** As good as the best. */
const NEARLY = 0.95;

interface Candidate {
  readonly passage: Passage;
  readonly unit: Unit;
  readonly position: number;
  readonly own: ReadonlySet<string>;
  readonly context: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
}

interface Scored extends Candidate {
  /** 0..1 */
  readonly coverage: number;
  readonly score: number;
}

/** The one to three pieces that answer the question best, or nothing when none speaks of enough of it. */
export function selectQuotes(
  question: Question,
  passages: readonly Passage[],
  vocabulary: Vocabulary,
): Quotes | undefined {
  const candidates = passages.flatMap((passage) => toCandidates(passage, vocabulary));
  const weights = weigh(question, candidates);
  const scored = candidates.map((candidate): Scored => {
    const coverage = coverageOf(weights, (term) => worth(candidate, term));
    const wishes = [...question.wishes].filter((wish) => candidate.own.has(wish)).length;
    const rank = passages.indexOf(candidate.passage);
    return { ...candidate, coverage, score: coverage + wishes * WISH_BONUS - rank * RANK_MALUS };
  });
  const speaking = scored.filter((one) => speaksOfSubject(one, question));
  const best = speaking.reduce<Scored | undefined>(
    (top, next) => (top === undefined || next.score > top.score ? next : top),
    undefined,
  );
  if (best === undefined || best.coverage < ENOUGH_ALONE) return undefined;
  const chosen = isListed(best, weights) ? likeBest(best, scored) : complete(best, scored, weights);
  const worthOf = (term: string): number => Math.max(...chosen.map((one) => worth(one, term)));
  if (coverageOf(weights, worthOf) < enough(question, worthOf)) return undefined;
  const texts = [...new Set(chosen.map((one) => one.unit.text))];
  return { passage: best.passage, kind: best.unit.kind, texts };
}

/** What was only asked before is not asked now. */
function speaksOfSubject(candidate: Candidate, question: Question): boolean {
  return [...question.terms].some(([term, weight]) => weight === 1 && worth(candidate, term) > 0);
}

function enough(question: Question, worthOf: (term: string) => number): number {
  const spoken = [...question.terms].filter(([term, weight]) => weight === 1 && worthOf(term) > 0).length;
  if (spoken >= 4) return ENOUGH.more;
  return spoken === 3 ? ENOUGH.three : ENOUGH.few;
}

function toCandidates(passage: Passage, vocabulary: Vocabulary): readonly Candidate[] {
  const title = vocabulary.subjects(passage.title);
  return toUnits(passage.text).map((unit, position) => ({
    passage,
    unit,
    position,
    own: vocabulary.subjects(unit.text),
    context: vocabulary.subjects(unit.context),
    title,
  }));
}

/** A term that few pieces have decides more; one that none has, most of all. */
function weigh(question: Question, candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const having = (term: string): number =>
    candidates.filter((candidate) => worth(candidate, term) > 0).length;
  const isUnderRule = [...question.terms.keys()].some((term) => RULES.has(term) && having(term) > 0);
  return new Map(
    [...question.terms].map(([term, weight]) => {
      const count = having(term);
      const rarity = 1 + Math.log(1 + candidates.length / (1 + count));
      const missing = isUnderRule ? MISSING_UNDER_RULE : MISSING_FACTOR;
      return [term, weight * rarity * (count === 0 ? missing : 1)];
    }),
  );
}

/** An approved answer is about its question; the title of a document only names the whole. */
function worth(candidate: Candidate, term: string): number {
  if (candidate.own.has(term)) return 1;
  if (candidate.context.has(term)) return CONTEXT_WORTH;
  if (!candidate.title.has(term)) return 0;
  return candidate.passage.kind === 'faq' ? 1 : TITLE_WORTH;
}

function coverageOf(weights: ReadonlyMap<string, number>, worthOf: (term: string) => number): number {
  let covered = 0;
  let total = 0;
  for (const [term, weight] of weights) {
    covered += weight * worthOf(term);
    total += weight;
  }
  return total === 0 ? 0 : covered / total;
}

/** Rows and list items stand alone; so does a section that only its heading recommends. */
function isListed(best: Scored, weights: ReadonlyMap<string, number>): boolean {
  return best.unit.kind === 'entry' || ![...weights.keys()].some((term) => best.own.has(term));
}

function likeBest(best: Scored, scored: readonly Scored[]): readonly Scored[] {
  return scored
    .filter(
      (one) =>
        one.passage === best.passage &&
        one.unit.context === best.unit.context &&
        one.score >= best.score * NEARLY,
    )
    .slice(0, MOST_QUOTES);
}

/** Adds the near sentences that speak of what the best one leaves open. */
function complete(
  best: Scored,
  scored: readonly Scored[],
  weights: ReadonlyMap<string, number>,
): readonly Scored[] {
  const near = scored.filter(
    (one) => one.passage === best.passage && Math.abs(one.position - best.position) <= NEAR,
  );
  const chosen = [best];
  for (const [term] of weights) {
    if (chosen.length === MOST_QUOTES) break;
    if (chosen.some((one) => worth(one, term) > 0)) continue;
    const helper = near.find((one) => one.own.has(term));
    if (helper !== undefined) chosen.push(helper);
  }
  return chosen.sort((a, b) => a.position - b.position);
}
