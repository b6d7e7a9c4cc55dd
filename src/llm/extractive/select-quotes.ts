import type { DataPart } from '../../contracts/model.js';
import { RULES } from './concepts.js';
import { readRow } from './read-row.js';
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
/** For the very word of the question, not another for the same. */
const SAME_WORD_BONUS = 0.03;
/** For a section whose heading the question holds whole. */
const HEADING_BONUS = 0.08;
/** The search put the passages in order; this decides between equals. */
const RANK_MALUS = 0.01;
/** Of two that say the same, the one in the person's language. */
const FOREIGN_MALUS = 0.08;
/** What a neighbour says, compared with the same in one piece. */
const ADDED_WORTH = 0.7;
const MOST_QUOTES = 3;
/** Sentences further away than this speak of something else. */
const NEAR = 2;
/** A section about just what was asked is quoted whole up to here, characters. */
const SHORT_SECTION = 320;
/** As good as the best. */
const NEARLY = 0.95;

interface Candidate {
  readonly passage: Passage;
  /** In another language than the question. */
  readonly isForeign: boolean;
  readonly unit: Unit;
  readonly position: number;
  readonly own: ReadonlySet<string>;
  readonly context: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
  /** Of the nearest heading alone. */
  readonly heading: ReadonlySet<string>;
}

interface Scored extends Candidate {
  /** 0..1 */
  readonly coverage: number;
  /** Share of its heading that was asked for, 0..1. */
  readonly headed: number;
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
    const wishes = wishWorth(question, candidate);
    const rank = passages.indexOf(candidate.passage);
    const headed = askedShare(candidate.heading, question);
    const foreign = candidate.isForeign ? FOREIGN_MALUS : 0;
    const score = coverage + wishes + headed * HEADING_BONUS - rank * RANK_MALUS - foreign;
    return { ...candidate, coverage, headed, score };
  });
  const speaking = scored.filter((one) => speaksOfSubject(one, question));
  const answers = bestOfEach(speaking)
    .filter((best) => best.coverage >= ENOUGH_ALONE)
    .map((best) => toAnswer(best, scored, weights))
    .filter(({ coverage, worthOf }) => coverage >= enough(question, worthOf));
  const [answer] = answers.sort((a, b) => b.score - a.score);
  if (answer === undefined) return undefined;
  const texts = [...new Set(answer.chosen.map((one) => quoted(one.unit, question, vocabulary)))];
  return { passage: answer.best.passage, kind: answer.best.unit.kind, texts };
}

function quoted({ kind, text }: Unit, question: Question, vocabulary: Vocabulary): string {
  return kind === 'entry' ? readRow(text, question, vocabulary) : text;
}

/** Of each passage the piece that answers best. */
function bestOfEach(scored: readonly Scored[]): readonly Scored[] {
  const best = new Map<Passage, Scored>();
  for (const one of scored) {
    if (one.score > (best.get(one.passage)?.score ?? -Infinity)) best.set(one.passage, one);
  }
  return [...best.values()];
}

interface Answer {
  readonly best: Scored;
  readonly chosen: readonly Scored[];
  readonly worthOf: (term: string) => number;
  /** Of all that is chosen, 0..1. */
  readonly coverage: number;
  readonly score: number;
}

function toAnswer(best: Scored, scored: readonly Scored[], weights: ReadonlyMap<string, number>): Answer {
  const chosen = isListed(best, weights) ? likeBest(best, scored) : complete(best, scored, weights);
  const worthOf = (term: string): number => Math.max(...chosen.map((one) => worth(one, term)));
  const coverage = coverageOf(weights, worthOf);
  // What neighbours must add is worth less than what one piece says.
  return { best, chosen, worthOf, coverage, score: best.score + (coverage - best.coverage) * ADDED_WORTH };
}

/** Signs of one answer come together: two are no better than one. */
function wishWorth({ wishes }: Question, { own }: Candidate): number {
  const found = [...wishes].filter((wish) => own.has(wish));
  const signs = found.filter((wish) => wish.startsWith('#')).length;
  return Math.min(1, signs) * WISH_BONUS + (found.length - signs) * SAME_WORD_BONUS;
}

/** Share of the terms that the question has, 0..1. */
function askedShare(terms: ReadonlySet<string>, question: Question): number {
  const asked = [...terms].filter((term) => question.terms.has(term) || question.wishes.has(term)).length;
  return terms.size === 0 ? 0 : asked / terms.size;
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
  const isForeign = vocabulary.isForeign(passage.text);
  return toUnits(passage.text).map((unit, position) => ({
    passage,
    isForeign,
    unit,
    position,
    own: vocabulary.subjects(unit.text),
    context: vocabulary.subjects(unit.context),
    heading: vocabulary.subjects(unit.heading),
    title,
  }));
}

/** A term that few pieces have decides more; one that none has, most of all. */
function weigh(question: Question, candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const rules = [...question.terms.keys()].filter((term) => RULES.has(term));
  const ruled = new Set(
    candidates.filter((one) => rules.some((rule) => worth(one, rule) > 0)).map(({ passage }) => passage),
  );
  const isUnderRule = ruled.size > 0;
  // A price list that names the article does not make it part of the rule.
  const counted = isUnderRule ? candidates.filter(({ passage }) => ruled.has(passage)) : candidates;
  const having = (term: string): number => counted.filter((candidate) => worth(candidate, term) > 0).length;
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
  const section = scored.filter(
    (one) => one.passage === best.passage && one.unit.context === best.unit.context,
  );
  if (best.headed === 1 && section.length <= MOST_QUOTES && lengthOf(section) <= SHORT_SECTION) {
    return section;
  }
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

function lengthOf(section: readonly Scored[]): number {
  return section.reduce((sum, { unit }) => sum + unit.text.length, 0);
}
