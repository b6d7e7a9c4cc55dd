import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INTENTS, type Intent, type MessageReader, type PhraseSet } from '../../contracts/answers.js';
import { projectRoot } from '../../lib/project-root.js';
import { respell } from '../../lib/words/respell.js';
import { Comparison } from './matching/comparison.js';
import type { WordsInCommon } from './matching/compare.js';
import { distinctTerms, lexicon, nearness, type Lexicon, type Term } from './words/lexicon.js';
import { sameQuestion } from './matching/same-question.js';

const FOLDER = join(projectRoot, 'src/knowledge/understanding/table');
const PHRASES: Readonly<Record<PhraseSet, string>> = { 'opening-hours': 'hours-phrases.txt' };
/** A term at least this near to a term of a phrase is explained by it. */
const EXPLAINED = 0.62;
/** A term at least this near to a marked word counts as that word. */
const MARKED = 0.7;
/**
 * A term at least this near to a term of the business's name counts as that term, also in the other language.
 */
const SAME_WORD = 0.85;
/** Terms lighter than this need no explanation. */
const LIGHT = 0.08;
/** From this coverage upwards, a phrase counts as said completely. */
const WHOLE = 0.95;
/** Probability that a message means a phrase that it contains completely among much else. */
const WITHIN = 0.45;

/** Recognises what a message wants by comparing it with phrases shipped with Sapa. */
export function createMessageReader(): MessageReader {
  return new PhraseReader();
}

class PhraseReader implements MessageReader {
  private readonly words = lexicon();
  private readonly sets = new Map<PhraseSet, Phrases>();
  private talk: Talk | undefined;

  intentOf(text: string): ReturnType<Talk['intentOf']> {
    this.talk ??= new Talk(this.words);
    return this.talk.intentOf(text);
  }

  sameQuestion: MessageReader['sameQuestion'] = (text, locale, questions) =>
    sameQuestion(this.words, text, locale, questions);

  explainedBy(text: string, set: PhraseSet, name = ''): ReturnType<MessageReader['explainedBy']> {
    const { all, byItself, ofATime, spellings } = this.phrasesOf(set);
    const terms = this.words.terms(respell(text, spellings));
    const ofName = this.words.terms(name);
    const open = terms.filter(
      (term) =>
        term.weight >= LIGHT &&
        all.every((each) => nearness(term, each) < EXPLAINED) &&
        ofName.every((each) => nearness(term, each) < SAME_WORD),
    );
    const isOneOf = (term: Term, phraseTerms: readonly Term[]): boolean =>
      phraseTerms.some((each) => nearness(term, each) >= MARKED);
    const hasAnyOf = (phraseTerms: readonly Term[]): boolean =>
      terms.some((term) => isOneOf(term, phraseTerms));
    return {
      unexplained: Math.max(0, ...open.map(({ weight }) => weight)),
      asksTime: hasAnyOf(ofATime),
      isPlain: terms.some((term) => isOneOf(term, byItself) && !isOneOf(term, ofATime)),
      asks: hasAnyOf(byItself) ? 'by-itself' : hasAnyOf(ofATime) ? 'of-a-time' : 'not',
    };
  }

  private phrasesOf(set: PhraseSet): Phrases {
    const cached = this.sets.get(set);
    if (cached !== undefined) return cached;
    const phrases = readPhrases(linesOf(PHRASES[set]), this.words);
    this.sets.set(set, phrases);
    return phrases;
  }
}

interface Phrases {
  readonly all: readonly Term[];
  readonly byItself: readonly Term[];
  readonly ofATime: readonly Term[];
  /** Marked words that typing errors are corrected to. */
  readonly spellings: readonly string[];
}

/** Lines that begin with `!` ask by themselves, those with `~` only of a day or an hour that is named. */
function readPhrases(lines: readonly string[], words: Lexicon): Phrases {
  const termsOf = (texts: readonly string[]): readonly Term[] =>
    distinctTerms(texts.flatMap((text) => words.terms(text)));
  const marked = (mark: string): readonly Term[] =>
    termsOf(lines.filter((line) => line.startsWith(mark)).flatMap((line) => line.slice(1).split(',')));
  const [byItself, ofATime] = [marked('!'), marked('~')];
  return {
    all: termsOf(lines.map((line) => line.replace(/^[!~]/, ''))),
    byItself,
    ofATime,
    spellings: [...byItself, ...ofATime].map(({ text }) => text),
  };
}

class Talk {
  private readonly intents: readonly Intent[];
  private readonly comparison: Comparison;

  constructor(words: Lexicon) {
    const phrases = linesOf('talk-phrases.txt').flatMap((line) => {
      const at = line.indexOf(':');
      const intent = INTENTS.find((each) => each === line.slice(0, at));
      if (intent === undefined) throw new Error(`no such intent: ${line.slice(0, at)}`);
      return line
        .slice(at + 1)
        .split(',')
        .map((phrase) => ({ intent, phrase: phrase.trim() }));
    });
    this.intents = phrases.map(({ intent }) => intent);
    this.comparison = Comparison.of(
      words,
      phrases.map(({ phrase }) => ({ kind: 'entry', head: phrase, body: '', context: '' })),
    );
  }

  /** The intent of the phrase that has the most in common with the text. */
  intentOf(text: string): { readonly intent: Intent; readonly probability: number } | undefined {
    let best: { readonly intent: Intent; readonly probability: number } | undefined;
    this.comparison.wordsInCommon(text).forEach((row, i) => {
      const intent = this.intents[i];
      if (intent === undefined) return;
      const probability = Math.max(inCommon(row) * share(intent, row), saidWithin(intent, row));
      if (best === undefined || probability > best.probability) best = { intent, probability };
    });
    return best;
  }
}

/**
 * Harmonic mean of how much of the message the phrase covers and how much of the phrase the message covers.
 */
function inCommon({ askedNearHead: coverage, headNearAsked: phrase }: WordsInCommon): number {
  return coverage + phrase === 0 ? 0 : (2 * coverage * phrase) / (coverage + phrase);
}

/** A complete complaint phrase makes a complaint, however long the story around it. */
function saidWithin(intent: Intent, { headNearAsked }: WordsInCommon): number {
  return intent === 'complaint' && headNearAsked >= WHOLE ? WITHIN : 0;
}

/**
 * Messages with these intents also name their subject, so words outside the phrase do not count against them.
 */
const OPEN_ENDED: readonly Intent[] = ['complaint', 'thanks', 'person'];

/** How much of the intent's phrase is said; for most intents, other words count against it. */
function share(intent: Intent, { headNearAsked, unexplained }: WordsInCommon): number {
  const likelihood = headNearAsked >= WHOLE ? 1 : headNearAsked;
  // "Does the driver speak English?" is about the driver, and "my phone is in your car" does not ask for a
  // call.
  return OPEN_ENDED.includes(intent) ? likelihood : likelihood * (1 - unexplained);
}

function linesOf(file: string): readonly string[] {
  return readFileSync(join(FOLDER, file), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
