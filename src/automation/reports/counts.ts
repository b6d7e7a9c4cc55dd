import type { Contact, TenantScope, TurnFacts } from '../../contracts/stores.js';
import { dayIn } from '../../lib/time/calendar.js';
import type { Period } from './period.js';

/** How messages were answered: by what, by whom, or not at all. */
export const ANSWERED_BY = [
  'faq',
  'knowledge',
  'model',
  'tool',
  'command',
  'human',
  'asked_back',
  'nothing',
] as const;
export type AnsweredBy = (typeof ANSWERED_BY)[number];
export type Answers = Readonly<Record<AnsweredBy, number>>;

/** What is counted for a day or a week, for customers only. */
export interface Counts {
  /** Conversations in which a person wrote. */
  readonly conversations: number;
  readonly newContacts: number;
  /** Messages from people. */
  readonly messages: number;
  readonly answers: Answers;
  /** Messages to people that no platform accepted. */
  readonly failedDeliveries: number;
  readonly followUpsSent: number;
  readonly followUpsFailed: number;
  readonly thumbsUp: number;
  readonly thumbsDown: number;
  /** Messages by hour of the day, 24 values; for a week, summed over its days. */
  readonly byHour: readonly number[];
  /** Answers per day, in the order of the days. */
  readonly byDay: readonly Answers[];
}

const HOURS = 24;
const HOUR_MS = 3_600_000;
const NO_ANSWERS: Answers = {
  faq: 0,
  knowledge: 0,
  model: 0,
  tool: 0,
  command: 0,
  human: 0,
  asked_back: 0,
  nothing: 0,
};

/** Reads the turns of a period one by one and keeps only their numbers. */
export async function countPeriod(
  scope: TenantScope,
  period: Period,
  timezone: string,
  staff: readonly Contact[],
): Promise<Counts> {
  const staffIds = new Set(staff.flatMap(({ id, formerIds }) => [id, ...formerIds]));
  const { from, until } = period;
  const tally = new Tally(period, timezone);
  for await (const facts of scope.turns.facts(from, until)) {
    if (!staffIds.has(facts.contactId)) tally.add(facts);
  }
  const newStaff = staff.filter(({ createdAt }) => createdAt >= from && createdAt < until).length;
  return tally.counts(Math.max(0, (await scope.contacts.countNew(from, until)) - newStaff));
}

class Tally {
  private readonly conversations = new Set<string>();
  private readonly byHour = Array.from({ length: HOURS }, () => 0);
  private readonly byDay: Record<AnsweredBy, number>[];
  private readonly sums = {
    messages: 0,
    failedDeliveries: 0,
    followUpsSent: 0,
    followUpsFailed: 0,
    thumbsUp: 0,
    thumbsDown: 0,
  };
  /** A quarter of an hour lies within a single day and hour in every time zone. */
  private readonly placed = new Map<number, { readonly day: number; readonly hour: number }>();

  constructor(
    private readonly period: Period,
    private readonly timezone: string,
  ) {
    this.byDay = period.days.map(() => ({ ...NO_ANSWERS }));
  }

  add(facts: TurnFacts): void {
    const { sums } = this;
    if (facts.isFailed) sums.failedDeliveries += 1;
    if (facts.origin === 'job') {
      if (facts.isFailed) sums.followUpsFailed += 1;
      else sums.followUpsSent += 1;
    }
    if (facts.rating === 'up') sums.thumbsUp += 1;
    if (facts.rating === 'down') sums.thumbsDown += 1;
    const { day, hour } = this.placeOf(facts.createdAt);
    const answers = this.byDay[day];
    if (answers === undefined) return;
    if (facts.origin === 'staff') answers.human += 1;
    if (facts.origin !== 'events') return;
    this.conversations.add(facts.conversationId);
    sums.messages += facts.messages;
    this.byHour[hour] = (this.byHour[hour] ?? 0) + facts.messages;
    const by = answeredBy(facts);
    if (by !== undefined) answers[by] += 1;
  }

  counts(newContacts: number): Counts {
    const { sums, byHour, byDay } = this;
    const answers = byDay.reduce((total, day) => plus(total, day), NO_ANSWERS);
    return { ...sums, conversations: this.conversations.size, newContacts, answers, byHour, byDay };
  }

  private placeOf(at: Date): { readonly day: number; readonly hour: number } {
    const quarter = Math.floor(at.getTime() / (HOUR_MS / 4));
    const cached = this.placed.get(quarter);
    if (cached !== undefined) return cached;
    const hour = Number(
      new Intl.DateTimeFormat('en', { timeZone: this.timezone, hour: '2-digit', hourCycle: 'h23' }).format(
        at,
      ),
    );
    const place = { day: this.period.days.indexOf(dayIn(this.timezone, at)), hour };
    this.placed.set(quarter, place);
    return place;
  }
}

/**
 * `asked_back`: the bot asked which of several answers was meant. A greeting not written by a model counts as
 * a command. `undefined`: a person answers, and their own messages are counted instead.
 */
function answeredBy({ source, model, asksBack }: TurnFacts): AnsweredBy | undefined {
  if (source === 'human') return undefined;
  if (source === 'fallback') return asksBack ? 'asked_back' : 'nothing';
  return source === 'model' && model === 'none' ? 'command' : source;
}

function plus(one: Answers, other: Answers): Answers {
  return Object.fromEntries(ANSWERED_BY.map((by) => [by, one[by] + other[by]])) as Record<AnsweredBy, number>;
}
