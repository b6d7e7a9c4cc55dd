import type { Button, Suggestion } from '../../src/contracts/channel.js';
import type { CommandContext, CommandReply, SuggestionContext } from '../../src/contracts/command.js';
import type { FollowUpPlanner, PlannedMessage, PlannedTime } from '../../src/contracts/follow-up-planner.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { findById, shortId } from '../../src/lib/ids/short-id.js';
import { describeMoment, describeRepeat, readWhen } from '../../src/lib/time/when/index.js';
import { suggestions } from './suggestions.js';

export interface NeedsPlanner {
  readonly planner: FollowUpPlanner;
}
export type Context = CommandContext<NeedsPlanner>;

/** For measuring only the length. In July, because July and August both have 31 days, so every day exists. */
const ANY_MOMENT = { now: new Date('1970-07-15T00:00:00Z'), timezone: 'UTC' };

/** The length of the time expression at the beginning of a line. */
export function takesTime(line: string): number {
  return readWhen(line, ANY_MOMENT)?.length ?? 0;
}

/** Parses a time in the time zone of the business; returns a reply if it is not understood or is past. */
export function timeOf({ t, scope, now, locale }: Context, input: string): PlannedTime | CommandReply {
  const { timezone } = scope.settings;
  const when = readWhen(input, { now, timezone });
  const rest = input.slice(when?.length ?? 0).trim();
  if (when === undefined || rest !== '')
    return { text: t('command.followup.noTime', { typed: quote(input, 60) }) };
  switch (when.type) {
    case 'at':
      return { at: when.at, timezone: when.timezone };
    case 'cron':
      return { cron: when.cron, timezone: when.timezone };
    case 'past':
      return { text: t('command.followup.past', { time: describeMoment(when.at, when.timezone, locale) }) };
    default:
      return when satisfies never;
  }
}

/** The exact time and zone that were understood. */
export function plannedFor(
  { t, locale }: Pick<Context, 't' | 'locale'>,
  { cron, nextRunAt, timezone }: PlannedMessage,
): string {
  const next = nextRunAt === undefined ? '' : describeMoment(nextRunAt, timezone, locale);
  if (cron === undefined) return next;
  return t('command.followup.repeated', { repeat: describeRepeat(cron, locale, t), next });
}

/** `mark` tells the buttons of several messages in a list apart. */
export function plannedButtons({ t }: Context, { id }: PlannedMessage, mark = ''): readonly Button[] {
  const short = shortId(id);
  const label = (text: string): string => `${text} ${mark}`.trim();
  return [
    { label: label(t('button.cancelFollowUp')), action: `/followup cancel ${short}` },
    { label: label(t('button.moveFollowUp')), action: `/followup move ${short}` },
  ];
}

/** Asks for the new time, with common ones as buttons. */
export function timeReply(context: Context, planned: PlannedMessage): CommandReply {
  const { t } = context;
  const short = shortId(planned.id);
  const times = [
    [t('button.inAnHour'), 'in 1 hour'],
    [t('button.tomorrowMorning'), 'tomorrow 09:00'],
    [t('button.nextWeek'), 'in 7 days 09:00'],
  ] as const;
  return {
    text: t('command.followup.askTime', { time: plannedFor(context, planned), id: short }),
    buttons: times.map(([label, when]) => [{ label, action: `/followup move ${short} ${when}` }]),
  };
}

export async function findPlanned(
  { scope, services }: Context,
  id: string,
): Promise<PlannedMessage | undefined> {
  return findById(await services.planner.waiting(scope), id.trim());
}

export async function suggestPlanned({
  scope,
  typed,
  services,
}: SuggestionContext<NeedsPlanner>): Promise<readonly Suggestion[]> {
  return suggestions(await services.planner.waiting(scope), typed, ({ message }) => message);
}
