import type { RestOfList } from '../../contracts/answers.js';
import type { Choice, Turn, TurnAnswer } from '../../contracts/turn.js';
import { withoutFillers } from '../consent.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { withoutCourtesies } from '../small-talk/small-talk.js';
import { wordsOf } from '../words-of.js';
import { fallBack } from './fall-back.js';
import { giveAnswer } from './give-answer.js';

/** How many turns back a choice can still be selected by its name. */
const EARLIER_TURNS = 3;

/** Ordinals in both languages: closed classes. */
const ORDINALS: readonly RegExp[] = [
  /^(?:yang |nomor |no |the |opsi |option |pilihan )?(?:1|satu|pertama|kesatu|ke ?1|first|one|1st)(?: one)?$/,
  /^(?:yang |nomor |no |the |opsi |option |pilihan )?(?:2|dua|kedua|ke ?2|second|two|2nd)(?: one)?$/,
  /^(?:yang |nomor |no |the |opsi |option |pilihan )?(?:3|tiga|ketiga|ke ?3|third|three|3rd)(?: one)?$/,
];
const LAST = /^(?:yang |the )?(?:terakhir|last)(?: one)?$/;
const YES = /^(?:ya|iya|yes|yep|yup|yeah|betul|benar|boleh|itu|sure|ok|oke|okay)$/;
const MORE =
  /^(?:ya|iya|yes|yep|yup|yeah|boleh|sure|ok|oke|okay|lanjut|lanjutkan|selanjutnya|berikutnya|lagi|sisanya|selebihnya|lainnya|yang lain|yang lainnya|(?:apa|ada) lagi|more|next|go on|show (?:me )?(?:more|the rest)|the (?:rest|others))$/;
const NONE =
  /^(?:bukan|tidak|nggak|ngga|gak|ga|no|nope|none|none of (?:these|them)|bukan (?:semua|itu|ketiganya|salah satunya)|tidak ada|lainnya|neither)$/;

/** Answers with one of the choices just offered, if the message selects it by number, name or wording. */
export async function takeChoice(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  if (state.text === '' || state.text.length > 200) return undefined;
  const history = await reads.history();
  const last = history.at(-1);
  const choices = last?.answer.choices ?? [];
  const phrase = wordsOf(state.text).join(' ');
  if (last === undefined || choices.length === 0) return takeEarlier(phrase, history, state, deps);
  const [first] = choices;
  if (isRest(first?.reference)) {
    const asksMore = MORE.test(plainly(phrase)) || namedIn(phrase, choices) !== undefined;
    return asksMore && first !== undefined ? answerChoice(first, last, state, deps) : undefined;
  }
  if (NONE.test(withoutFillers(phrase))) return fallBack(state, 'no-answer', withoutCourtesies(last.input));
  const choice = choiceIn(phrase, choices);
  return choice && answerChoice(choice, last, state, deps);
}

/** After one choice was answered, another can still be selected by its name. */
async function takeEarlier(
  phrase: string,
  history: readonly Turn[],
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const turn = history.slice(-EARLIER_TURNS).findLast(({ answer }) => answer.choices !== undefined);
  const choice = turn?.answer.choices && namedIn(phrase, turn.answer.choices);
  if (turn === undefined || choice === undefined || isRest(choice.reference)) return undefined;
  // Somebody who reads several choices reveals nothing about what the question meant.
  const answer = await deps.finder.get(state.scope, choice.reference, turn.input);
  return answer && giveAnswer(state, { answer });
}

/** The chosen answer in its current form; if it no longer exists, the question is asked again. */
export async function answerChoice(
  choice: Choice,
  turn: Turn,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const { reference } = choice;
  if (isRest(reference)) return giveRest(reference, state, deps);
  const answer = await deps.finder.get(state.scope, reference, turn.input);
  if (answer === undefined) return undefined;
  const wording = withoutCourtesies(turn.input);
  await deps.unanswered.withdraw(state.scope, {
    text: wording,
    conversationId: state.conversation.id,
    contactId: state.contact.id,
  });
  if (answer.entry !== undefined && !state.isStaff) {
    const { id: entryId } = answer.entry;
    await deps.phrasings.propose(state.scope, { entryId, wording, contactId: state.contact.id });
  }
  return giveAnswer(state, { answer });
}

/** The next rows of a list, as the table is now. */
async function giveRest(
  { question, from }: RestOfList,
  state: TurnState,
  { finder }: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const finding = await finder.find(state.scope, { text: question, before: [], locale: state.locale, from });
  return finding.type === 'sure' ? giveAnswer(state, finding) : undefined;
}

function isRest(reference: Choice['reference'] | undefined): reference is RestOfList {
  return reference?.type === 'rest';
}

function namedIn(phrase: string, choices: readonly Choice[]): Choice | undefined {
  return choices.find(
    ({ label, send }) => wordsOf(label).join(' ') === phrase || wordsOf(send).join(' ') === phrase,
  );
}

function choiceIn(phrase: string, choices: readonly Choice[]): Choice | undefined {
  const match = namedIn(phrase, choices);
  if (match !== undefined) return match;
  const plain = plainly(phrase);
  if (choices.length === 1 && YES.test(plain)) return choices[0];
  if (LAST.test(plain)) return choices.at(-1);
  return choices[ORDINALS.findIndex((ordinal) => ordinal.test(plain))] ?? partlyNamedIn(plain, choices);
}

/** Most words of a message that is understood as part of a choice. */
const MOST_WORDS = 3;
/** Words that choices have in common with any new question: closed classes. */
const OF_ANY_QUESTION =
  /^(?:yang|yg|the|apa|apakah|mana|berapa|kapan|dimana|siapa|gimana|bagaimana|kenapa|bisa|boleh|ada|kalau|what|which|how|much|many|when|where|who|why|can|do|does|is|are|you|i|about)$/;

/** "Lensa" of "Harga lensa" and "Harga frame": the only choice with these words. */
function partlyNamedIn(phrase: string, choices: readonly Choice[]): Choice | undefined {
  const words = phrase.split(' ').filter((word) => word !== '' && !OF_ANY_QUESTION.test(word));
  if (words.length === 0 || words.length > MOST_WORDS) return undefined;
  const named = choices.filter(({ label }) => {
    const own = wordsOf(label);
    return words.every((word) => own.includes(word));
  });
  return named.length === 1 ? named[0] : undefined;
}

/** Without forms of address, unless nothing else is said. */
function plainly(phrase: string): string {
  return YES.test(phrase) ? phrase : withoutFillers(phrase);
}
