import type { ConnectionState } from '../../contracts/channel.js';
import type { FollowUpReason } from '../../contracts/follow-up-planner.js';
import type { Clock } from '../../contracts/runtime.js';
import {
  allItems,
  type Contact,
  type ServiceStore,
  type TenantScope,
  type UnansweredQuestion,
} from '../../contracts/stores.js';
import type { UsageService, UsageTotals } from '../../contracts/usage.js';
import { addDays } from '../../lib/time/calendar-words.js';
import { dayIn } from '../../lib/time/calendar.js';
import { isQuestion } from '../../lib/text/is-question.js';
import { momentAt } from '../../lib/time/moment-at.js';
import { followUpStore } from '../follow-up-store.js';
import { countPeriod, type Counts } from './counts.js';
import { periodsBefore, type Period } from './period.js';
import { reportStore } from './report-store.js';

/** How many earlier weeks a period is compared with. */
const WEEKS_BEFORE = 4;
/**
 * Feedback and delivery results arrive late: counts are stored only this long after the end of a period, in
 * ms.
 */
const SETTLED_AFTER_MS = 86_400_000;
const SHOWN_QUESTIONS = 5;
const SEARCHED_QUESTIONS = 2000;
const SEARCHED_FAILURES = 2000;

/** What a period cost. */
export interface Costs {
  readonly costMicros: number;
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls to models without a known price; the cost does not include them. */
  readonly unpricedCalls: number;
}

export interface PeriodNumbers extends Counts, Costs {
  readonly key: string;
}

export interface Report {
  readonly period: Period;
  readonly timezone: string;
  /** The period is over. */
  readonly isWhole: boolean;
  readonly numbers: PeriodNumbers;
  /**
   * The same numbers for earlier weeks, latest first; only weeks that began after the business was created.
   */
  readonly before: readonly PeriodNumbers[];
  /** As of now, regardless of the period. */
  readonly unanswered: { readonly open: number; readonly top: readonly UnansweredQuestion[] };
  readonly waiting: { readonly count: number; readonly since?: Date };
  /** Why follow-ups of this period failed, the most frequent reason first. */
  readonly followUpFailures: readonly { readonly reason: FollowUpReason; readonly count: number }[];
  /** Follow-ups due by the end of today. */
  readonly followUpsDue: number;
  readonly channels: readonly {
    readonly accountId: string;
    readonly channel: string;
    readonly state: ConnectionState;
  }[];
}

export interface ReportDependencies {
  readonly service: Pick<ServiceStore, 'connectionStates' | 'tenant'>;
  readonly usage: Pick<UsageService, 'report'>;
  readonly clock: Clock;
}

export async function makeReport(
  deps: ReportDependencies,
  scope: TenantScope,
  period: Period,
): Promise<Report> {
  const { timezone } = scope.settings;
  const now = deps.clock.now();
  const staff = await scope.contacts.staff(scope.settings.staff);
  const numbersOf = (each: Period): Promise<PeriodNumbers> => numbers(deps, scope, each, staff);
  const began = (await deps.service.tenant(scope.tenantId))?.createdAt ?? now;
  const earlier = periodsBefore(period, WEEKS_BEFORE, timezone).filter(({ from }) => from >= began);
  const before: PeriodNumbers[] = [];
  // One after the other: in parallel they would slow down the answers to people.
  for (const each of earlier) before.push(await numbersOf(each));
  const today = dayIn(timezone, now);
  const [own, unanswered, waiting, followUpFailures, followUpsDue, states] = await Promise.all([
    numbersOf(period),
    unansweredOf(scope),
    scope.conversations.withPeople(),
    failuresIn(scope, period),
    scope.store(followUpStore).countDue(momentAt(addDays(today, 1), '00:00', timezone)),
    deps.service.connectionStates(scope.tenantId),
  ]);
  const [longest] = waiting;
  const since = longest?.modeSince;
  return {
    period,
    timezone,
    isWhole: period.until <= now,
    numbers: withFailures(own, followUpFailures),
    before,
    unanswered,
    waiting: { count: waiting.length, ...(since === undefined ? {} : { since }) },
    followUpFailures,
    followUpsDue,
    channels: states.map(({ accountId, channel, state }) => ({ accountId, channel, state })),
  };
}

async function failuresIn(scope: TenantScope, { from, until }: Period): Promise<Report['followUpFailures']> {
  const failed = await scope.store(followUpStore).failed({ from, until }, SEARCHED_FAILURES);
  const counts = new Map<FollowUpReason, number>();
  for (const { reason = 'not_delivered' } of failed) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((one, other) => other.count - one.count);
}

/** Also counts follow-ups that failed before they had a message. */
function withFailures(numbers: PeriodNumbers, failures: Report['followUpFailures']): PeriodNumbers {
  const failed = failures.reduce((sum, { count }) => sum + count, 0);
  return { ...numbers, followUpsFailed: Math.max(numbers.followUpsFailed, failed) };
}

/** Counted once the period is over and settled, then read from the store. */
async function numbers(
  { usage, clock }: ReportDependencies,
  scope: TenantScope,
  period: Period,
  staff: readonly Contact[],
): Promise<PeriodNumbers> {
  const { timezone } = scope.settings;
  const store = scope.store(reportStore);
  const cached = await store.counts(period.key, timezone);
  const counts = cached ?? (await countPeriod(scope, period, timezone, staff));
  if (cached === undefined && period.until.getTime() + SETTLED_AFTER_MS <= clock.now().getTime()) {
    await store.keepCounts(period.key, timezone, counts);
  }
  const [from = period.key] = period.days;
  const to = period.days.at(-1) ?? from;
  const totals = await usage.report(scope, { from, to, groupBy: 'day' });
  return { key: period.key, ...counts, ...costsOf(totals) };
}

function costsOf(totals: readonly UsageTotals[]): Costs {
  const sum = (field: keyof Costs): number => totals.reduce((total, each) => total + each[field], 0);
  return {
    costMicros: sum('costMicros'),
    calls: sum('calls'),
    failedCalls: sum('failedCalls'),
    unpricedCalls: sum('unpricedCalls'),
  };
}

/** Open questions, the most frequent first. */
async function unansweredOf(scope: TenantScope): Promise<Report['unanswered']> {
  const questions = await allItems((page) => scope.unanswered.list(page), SEARCHED_QUESTIONS);
  const open = questions.filter(({ status, question }) => status === 'open' && isQuestion(question));
  const top = open.toSorted(
    (one, other) => other.count - one.count || other.lastAskedAt.getTime() - one.lastAskedAt.getTime(),
  );
  return { open: open.length, top: top.slice(0, SHOWN_QUESTIONS) };
}
