import type { MessageReader } from '../../contracts/answers.js';
import type { ModelChain } from '../../contracts/model.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { isFollowUp, leansBack } from '../../lib/text/follow-up.js';
import { openingHours } from '../../lib/time/opening-hours.js';
import { specialDaysFrom } from '../../lib/time/special-days.js';
import { plainAnswer } from '../answers.js';
import { requestedTime, type RequestedTime } from '../hours/requested-time.js';
import type { ConversationDependencies } from '../dependencies.js';
import { hoursAnswer, isClosedThroughout } from '../hours/hours-answer.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';

/**
 * Highest weight of a word that no opening-hours phrase contains; anything above means the message is about
 * something else.
 */
const UNEXPLAINED = 0.3;

/**
 * Answers from the settings when the business is open, for the day, date, holiday or hour asked about, to the
 * minute and with any model or none.
 */
export async function answerHours(
  state: TurnState,
  reads: TurnReads,
  { reader, chainFor }: Pick<ConversationDependencies, 'reader' | 'chainFor'>,
): Promise<TurnAnswer | undefined> {
  const { now, scope, question, smallTalk } = state;
  if (question === '' || smallTalk !== undefined) return undefined;
  const { settings } = scope;
  if (openingHours.state(settings, now).state === 'unknown') return undefined;
  const continued = await continuedHours(state, reads, reader);
  if (continued !== undefined) return sayHours(continued, state);
  const readings = readingsOf(question, state, reader);
  const best =
    readings.find(({ certainty }) => certainty === 'sure') ??
    readings.find(({ certainty }) => certainty === 'likely');
  if (readings.some(({ requested }) => requested.unknownHoliday)) return undefined;
  if (best === undefined) return answerClosedDay(state, reads, readings[0]?.requested, chainFor);
  // An additional word may make it a different question, such as the hours of the pool.
  const isAllOfIt = best.certainty === 'sure' && best.part === question;
  if (!isAllOfIt && (await isAnsweredOtherwise(reads, chainFor(settings.models)))) {
    return undefined;
  }
  if (!isTimeNamed(best.requested) && (await isOfBefore(state, reads))) return undefined;
  return sayHours(best.requested, state);
}

interface Reading {
  readonly part: string;
  readonly requested: RequestedTime;
  readonly explained: Explained;
  readonly certainty: 'sure' | 'likely' | 'not';
}

/** How the message, and each of its parts that asks one thing, reads as a question about opening hours. */
function readingsOf(
  question: string,
  { now, scope: { settings } }: TurnState,
  reader: MessageReader,
): readonly Reading[] {
  const { date } = openingHours.localTime(settings.timezone, now);
  const special = specialDaysFrom(settings.business_hours, date);
  return partsOf(question).map((part) => {
    const requested = requestedTime(part, date, special);
    // "When is the clinic open?": what a business calls itself is not what is asked.
    const explained = reader.explainedBy(
      requested.rest,
      'opening-hours',
      `${settings.name} ${settings.persona}`,
    );
    return { part, requested, explained, certainty: howCertain(explained, isTimeNamed(requested)) };
  });
}

/**
 * "And on Sundays?", "until what time?" and "the day after?" after an answer about opening hours: the day is
 * the one named now or, if none is, the one named before.
 */
async function continuedHours(
  state: TurnState,
  reads: TurnReads,
  reader: MessageReader,
): Promise<RequestedTime | undefined> {
  const last = (await reads.ownHistory()).at(-1);
  if (last?.answer.source !== 'tool' || last.answer.reference !== undefined) return undefined;
  const before = await reads.questionsBefore();
  if (before.length === 0) return undefined;
  const [asked] = readingsOf(state.question, state, reader);
  if (asked === undefined || asked.explained.unexplained > UNEXPLAINED) return undefined;
  const earlier = readingsOf(before.join(' '), state, reader);
  if (earlier.every(({ certainty }) => certainty === 'not')) return undefined;
  if (asked.requested.days.length > 0) return asked.requested;
  // "Store hours" asks anew; "until what time?" does not.
  if (!leansBack(state.question) && asked.explained.asks !== 'of-a-time') return undefined;
  const [together] = readingsOf([...before, state.question].join(' '), state, reader);
  return together && isTimeNamed(together.requested) ? together.requested : undefined;
}

function sayHours(requested: RequestedTime, state: TurnState): TurnAnswer | undefined {
  const { t, locale, now, scope } = state;
  const text = hoursAnswer(requested, { settings: scope.settings, now, locale, t });
  return text === undefined ? undefined : plainAnswer(state, 'tool', text);
}

/** More words beside the day, and the message is about more than that day. */
const MOST_WORDS = 5;
/** What marks a question; a closed class of both languages. */
const ASKS =
  /\?|\b(?:ga|gak|ngga|nggak|enggak|engga|kah|kan|apa|apakah|bisa|bs|boleh|bole|ada|do|does|is|are|can|could|will|any)\b/iu;

/**
 * Whatever a short question asks about a day on which the business is closed, that it is closed answers it,
 * unless the business's knowledge does.
 */
async function answerClosedDay(
  state: TurnState,
  reads: TurnReads,
  requested: RequestedTime | undefined,
  chainFor: ConversationDependencies['chainFor'],
): Promise<TurnAnswer | undefined> {
  const { settings } = state.scope;
  if (requested === undefined || !isClosedThroughout(requested, settings)) return undefined;
  const words = requested.rest.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  if (words.length === 0 || words.length > MOST_WORDS || !ASKS.test(state.question)) return undefined;
  if (chainFor(settings.models).writes || (await reads.finding()).type === 'sure') return undefined;
  return sayHours(requested, state);
}

/** A model is told the hours, too: to it an answer that comes near is enough to read the whole message. */
async function isAnsweredOtherwise(
  reads: TurnReads,
  { writes }: Pick<ModelChain, 'writes'>,
): Promise<boolean> {
  const { type } = await reads.finding();
  return type === 'sure' || (type === 'close' && writes);
}

function isTimeNamed({ days, time, onWorkdays }: RequestedTime): boolean {
  return days.length > 0 || time !== undefined || onWorkdays;
}

type Explained = ReturnType<MessageReader['explainedBy']>;

/**
 * How certain it is that the message asks for opening hours. A day alone asks nothing, though "Sabtu" may
 * answer an earlier question.
 */
function howCertain(
  { asks, asksTime, isPlain, unexplained }: Explained,
  isNamed: boolean,
): 'sure' | 'likely' | 'not' {
  const isAsked = asks === 'by-itself' || (asks === 'of-a-time' && isNamed);
  if (unexplained <= UNEXPLAINED) return isAsked ? 'sure' : 'not';
  return isPlain && (isNamed || asksTime) ? 'likely' : 'not';
}

/** Where a clause ends, including before a reason; a closed class. */
const JOINT = /[.!;\n]+\s+|,\s+|\s+(?:soalnya|karena|krn|sebab|because|cause|cos)\s+/iu;

/** The message itself and, if it is long, each of its parts that asks one thing. */
function partsOf(question: string): readonly string[] {
  const parts = question.split(JOINT).filter((part) => part.trim() !== '');
  const asking = question.split('?').filter((part) => part.trim() !== '');
  return parts.length > 1 && asking.length <= 2 ? [question, ...parts] : [question];
}

/** "What time?" after a class was mentioned asks about the class. */
async function isOfBefore({ question }: TurnState, reads: TurnReads): Promise<boolean> {
  if (!isFollowUp(question)) return false;
  const last = (await reads.history()).at(-1);
  if (last?.answer.reference === undefined) return false;
  return (await reads.finding()).type === 'sure';
}
