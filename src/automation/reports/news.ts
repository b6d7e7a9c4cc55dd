import type { Outreach } from '../../contracts/chat.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../../contracts/queue.js';
import type { Reports } from '../../contracts/reports.js';
import { WEEKDAYS, type ReportSettings } from '../../contracts/settings.js';
import type { Contact, Conversation, TenantScope } from '../../contracts/stores.js';
import type { StoredFile } from '../../contracts/turn.js';
import { dayIn } from '../../lib/time/calendar.js';
import { nextTime } from '../../lib/time/next-time.js';
import { makeReport, type ReportDependencies } from './make-report.js';
import { dayPeriod, lastCompletePeriod } from './period.js';
import { reportStore, type SentAlerts } from './report-store.js';
import { unusualLines } from './report-text.js';
import { unusualIn, type Unusual } from './unusual.js';

const NEWS = ['daily', 'weekly', 'alerts'] as const;
type NewsKind = (typeof NEWS)[number];

const newsJob = defineJob<{ readonly kind: NewsKind }>('automation.news');

/** Hours of the day at which unusual numbers are looked for; earlier there is too little to compare. */
const ALERT_HOURS = '10-20/2';
/** Reports that could not be sent for this long are dropped, in ms. */
const STALE_AFTER_MS = 12 * 3_600_000;

export interface NewsDependencies extends ReportDependencies {
  readonly reports: Reports;
  readonly outreach: Outreach;
  readonly queue: JobQueue;
  readonly i18n: Pick<I18n, 'translator'>;
  /** Chats in which staff can be notified. */
  staffChats(
    scope: TenantScope,
  ): Promise<readonly { readonly contact: Contact; readonly conversation: Conversation }[]>;
}

/** Briefings, summaries and alerts that staff receive without asking, each once. */
export class StaffNews {
  constructor(private readonly deps: NewsDependencies) {}

  jobs(): readonly Job[] {
    return [handleJob(newsJob, { run: (scope, { kind }) => this.run(scope, kind) })];
  }

  /** Schedules what the settings ask for. What they no longer ask for ends by itself. */
  async follow(scope: TenantScope): Promise<void> {
    for (const kind of NEWS) await this.schedule(scope, kind);
  }

  private async schedule(scope: TenantScope, kind: NewsKind): Promise<void> {
    const cron = cronOf(scope.settings.reports, kind);
    if (cron === undefined) return;
    const current = await scope.store(reportStore).news(kind);
    const { timezone } = scope.settings;
    const schedule = `${cron} ${timezone}`;
    const now = this.deps.clock.now();
    // One that is due is about to be sent, so it must not be postponed to the next time.
    const isComing = current !== undefined && current.nextAt.getTime() > now.getTime() - STALE_AFTER_MS;
    if (current?.schedule === schedule && isComing) return;
    await this.arm(scope, kind, schedule, nextTime(cron, timezone, now));
  }

  /** Queues the job before storing the time: after a crash in between it is queued again. */
  private async arm(scope: TenantScope, kind: NewsKind, schedule: string, nextAt: Date): Promise<void> {
    await this.deps.queue.enqueue(newsJob, scope.tenantId, { kind }, { key: kind, at: nextAt });
    await scope.store(reportStore).setNews(kind, { schedule, nextAt });
  }

  private async run(scope: TenantScope, kind: NewsKind): Promise<void> {
    const { clock } = this.deps;
    const cron = cronOf(scope.settings.reports, kind);
    const current = await scope.store(reportStore).news(kind);
    if (current === undefined) return;
    if (cron === undefined) {
      await scope.store(reportStore).setNews(kind, undefined);
      return;
    }
    const now = clock.now();
    if (current.nextAt > now) {
      await this.arm(scope, kind, current.schedule, current.nextAt);
      return;
    }
    const { timezone } = scope.settings;
    const due = lastDue(cron, timezone, current.nextAt, now);
    if (due !== undefined) await this.tell(scope, kind, due);
    await this.arm(scope, kind, `${cron} ${timezone}`, nextTime(cron, timezone, now));
  }

  private async tell(scope: TenantScope, kind: NewsKind, at: Date): Promise<void> {
    if (kind === 'alerts') {
      await this.alert(scope, at);
      return;
    }
    const { timezone, reports } = scope.settings;
    const period = lastCompletePeriod(kind === 'daily' ? 'day' : 'week', at, timezone);
    const chats = await this.chatsFor(scope, reports[kind]?.to ?? []);
    const contents = new Map<Locale, Awaited<ReturnType<StaffNews['composeNews']>>>();
    for (const conversation of chats) {
      const locale = reports[kind]?.locale ?? conversation.locale ?? scope.settings.locale;
      const content = contents.get(locale) ?? (await this.composeNews(scope, kind, locale, period.days[0]));
      contents.set(locale, content);
      const key = `news:${kind}:${period.key}:${conversation.id}`;
      await this.deps.outreach.say(scope, conversation.id, key, content, 'command');
    }
  }

  private async composeNews(
    scope: TenantScope,
    kind: 'daily' | 'weekly',
    locale: Locale,
    date: string | undefined,
  ) {
    const { text, buttons, files = [] } = await this.deps.reports.message(scope, kind, locale, date);
    const stored: StoredFile[] = [];
    for (const { name, mediaType, bytes } of files) {
      stored.push(await scope.files.save({ kind: 'image', fileName: name, mediaType, bytes }));
    }
    return { text, ...(buttons === undefined ? {} : { buttons }), files: stored };
  }

  /** Reports each matter once a day; anything new later in the day is reported then. */
  private async alert(scope: TenantScope, at: Date): Promise<void> {
    const { timezone, locale: own } = scope.settings;
    const today = dayIn(timezone, at);
    const hour = new Intl.DateTimeFormat('en', { timeZone: timezone, hour: '2-digit', hourCycle: 'h23' });
    const report = await makeReport(this.deps, scope, dayPeriod(today, timezone));
    const unusual = unusualIn(report, Number(hour.format(at)));
    if (unusual.length === 0) return;
    const groups = await this.alertGroups(scope, today, unusual);
    for (const conversation of await this.chatsFor(scope, scope.settings.reports.daily?.to ?? [])) {
      const t = this.deps.i18n.translator(conversation.locale ?? own);
      for (const [index, group] of groups.entries()) {
        const lines = unusualLines(
          unusual.filter(({ what }) => group.includes(what)),
          t,
        );
        // Earlier groups were sent already, unless a crash came in between: the key makes each go out once.
        const key = `news:alert:${today}:${index}:${conversation.id}`;
        const text = [t('report.alert'), ...lines].join('\n');
        if (lines.length > 0) await this.deps.outreach.say(scope, conversation.id, key, text, 'command');
      }
    }
  }

  private async alertGroups(
    scope: TenantScope,
    day: string,
    unusual: readonly Unusual[],
  ): Promise<SentAlerts['groups']> {
    const store = scope.store(reportStore);
    const before = await store.alerts();
    const groups = before?.day === day ? before.groups : [];
    const fresh = unusual.map(({ what }) => what).filter((what) => !groups.flat().includes(what));
    if (fresh.length === 0) return groups;
    await store.setAlerts({ day, groups: [...groups, fresh] });
    return [...groups, fresh];
  }

  private async chatsFor(
    scope: TenantScope,
    to: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Conversation[]> {
    const chats = await this.deps.staffChats(scope);
    const isWanted = ({ identities }: Contact): boolean =>
      to.some(({ channel, user_id: userId }) =>
        identities.some((each) => each.channel === channel && each.userId === userId),
      );
    return chats
      .filter(({ contact }) => to.length === 0 || isWanted(contact))
      .map(({ conversation }) => conversation);
  }
}

/** The latest due time since `first` that is not stale; `undefined` if all are stale. */
function lastDue(cron: string, timezone: string, first: Date, now: Date): Date | undefined {
  const oldest = new Date(now.getTime() - STALE_AFTER_MS);
  let due = first > oldest ? first : undefined;
  for (let at = due ?? nextTime(cron, timezone, oldest); at <= now; at = nextTime(cron, timezone, at))
    due = at;
  return due;
}

function cronOf(reports: ReportSettings, kind: NewsKind): string | undefined {
  if (kind === 'alerts') return reports.alerts ? `0 ${ALERT_HOURS} * * *` : undefined;
  const schedule = reports[kind];
  if (schedule === null) return undefined;
  const [hour = 0, minute = 0] = schedule.at.split(':').map(Number);
  const weekday = 'day' in schedule ? String((WEEKDAYS.indexOf(schedule.day) + 1) % 7) : '*';
  return `${minute} ${hour} * * ${weekday}`;
}
