import { FILLERS, PHRASES, VOCATIVES, type SmallTalk } from './phrases.js';

/** Longer messages have content, even if all their words are polite. */
const MOST_WORDS = 10;
const LONGEST_PHRASE = 6;
/** If a message mixes several kinds ("ok, thanks, bye"), the first one here decides the reply. */
const ORDER = ['thanks', 'farewell', 'greeting', 'acknowledgement'] as const satisfies readonly SmallTalk[];
/**
 * May ask about a time ("pagi buka?", "is anyone there at 1pm?"), so they count as a greeting only before a
 * pause.
 */
const MAY_ASK = new Set(
  listOf(
    'pagi, siang, sore, malam, morning, afternoon, evening, is anyone there, anyone there, anybody there, are you there, ada orang',
  ),
);

/** Somebody in a group mentions the bot and says nothing else. */
const ONLY_MENTIONS = /^(?:\s*@[\p{L}\p{N}_.-]+[\s,:!?]*)+$/u;

const kinds = new Map<string, SmallTalk>(
  ORDER.toReversed().flatMap((kind) => listOf(PHRASES[kind]).map((phrase) => [phrase, kind] as const)),
);
const vocatives = new Set(listOf(VOCATIVES));
const fillers = new Set(listOf(FILLERS));

/** The purpose of a message that asks nothing; `undefined` if there is more to it. */
export function smallTalkIn(text: string): SmallTalk | undefined {
  if (ONLY_MENTIONS.test(text)) return 'greeting';
  const words = wordsOf(text).map(({ word }) => word);
  if (words.length === 0 || words.length > MOST_WORDS) return undefined;
  const kinds = new Set<SmallTalk>();
  let called = false;
  for (let at = 0; at < words.length;) {
    const phrase = phraseAt(words, at);
    const word = words[at] ?? '';
    if (phrase !== undefined) kinds.add(phrase.kind);
    else if (vocatives.has(word)) called = true;
    else if (!fillers.has(word)) return undefined;
    at += phrase?.length ?? 1;
  }
  return ORDER.find((kind) => kinds.has(kind)) ?? (called ? 'greeting' : undefined);
}

/** Ends a courtesy; what follows is another thing. */
const PAUSE = /[,.!?\n]/;

/**
 * The message without the courtesies it opens with, or unchanged if there is nothing else. A greeting needs no
 * pause after it; "ok" and "thanks" do, because they may be meant: "good coffee?".
 */
export function withoutCourtesies(text: string): string {
  const words = wordsOf(text);
  const plain = words.map(({ word }) => word);
  const pausesBefore = (at: number): boolean => {
    const [last, next] = [words[at - 1], words[at]];
    return last !== undefined && next !== undefined && PAUSE.test(text.slice(last.end, next.start));
  };
  let start = 0;
  for (let at = 0; at < words.length;) {
    const phrase = phraseAt(plain, at);
    const isAddress = at > 0 && vocatives.has(plain[at] ?? '');
    if (phrase === undefined && !isAddress) break;
    const end = at + (phrase?.length ?? 1);
    const isGreeting = phrase?.kind === 'greeting' && !goesOn(text, words, at, phrase.length);
    if (isGreeting || isEmoji(plain[at]) || pausesBefore(end) || (isAddress && start === at)) start = end;
    at = end;
  }
  const first = words[start];
  return start === 0 || first === undefined ? text : text.slice(first.start);
}

interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Words and single emoji in normalised form: lower case, no apostrophes, no doubled letters. */
function wordsOf(text: string): Word[] {
  const matches = text.matchAll(/[\p{L}\p{M}\p{N}'’]+|\p{Extended_Pictographic}/gu);
  return [...matches].map(({ 0: match, index }) => ({
    word: compared(match),
    start: index,
    end: index + match.length,
  }));
}

function compared(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/(\p{L})\1+/gu, '$1');
}

function listOf(list: string): string[] {
  return list.split(',').map((phrase) => phrase.trim().split(/\s+/).map(compared).join(' '));
}

function isEmoji(word: string | undefined): boolean {
  return word !== undefined && /^\p{Extended_Pictographic}$/u.test(word);
}

/** The longest phrase starting at a given word. */
function phraseAt(
  words: readonly string[],
  at: number,
): { readonly kind: SmallTalk; readonly length: number } | undefined {
  for (let length = Math.min(LONGEST_PHRASE, words.length - at); length > 0; length -= 1) {
    const kind = kinds.get(words.slice(at, at + length).join(' '));
    if (kind !== undefined) return { kind, length };
  }
  return undefined;
}

/** Whether a phrase that may ask about a time is followed by more without a pause. */
function goesOn(text: string, words: readonly Word[], at: number, length: number): boolean {
  const phrase = words.slice(at, at + length);
  const [last, next] = [phrase.at(-1), words[at + length]];
  if (last === undefined || next === undefined) return false;
  if (!MAY_ASK.has(phrase.map(({ word }) => word).join(' '))) return false;
  return !vocatives.has(next.word) && !PAUSE.test(text.slice(last.end, next.start));
}
