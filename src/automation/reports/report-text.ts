import type { CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import { CURRENCY } from '../../contracts/usage.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import { ANSWERED_BY } from './counts.js';
import type { Report } from './make-report.js';
import { median, unusualIn, type Unusual } from './unusual.js';

const MICROS = 1_000_000;
/** Buttons per row, as many as a phone shows side by side. */
const BUTTONS_IN_ROW = 3;

/** Sources listed together; unanswered messages and questions asked back have their own lines. */
const SOURCES = ANSWERED_BY.filter((by) => by !== 'nothing' && by !== 'asked_back');

/** The report as staff read it. */
export function reportText(report: Report, locale: Locale, t: Translate): string {
  const heading = `**${t(report.period.kind === 'day' ? 'report.daily' : 'report.weekly', {
    period: periodName(report, locale),
    isOver: String(report.isWhole),
  })}**`;
  const lines = [
    ...trafficLines(report, t),
    ...answerLines(report, t),
    ...workLines(report, locale, t),
    ...moneyLines(report, t),
    ...report.channels.flatMap((channel) => channelLine(channel, t)),
  ].map((line) => `- ${line}`);
  const unusual = report.isWhole ? unusualLines(unusualIn(report), t) : [];
  return [heading, ...unusual, lines.join('\n'), ...questionLines(report, t)].join('\n\n');
}

/** A button for each question, to answer it for everybody. */
export function reportButtons({ unanswered }: Report, t: Translate): CommandReply['buttons'] {
  const buttons = unanswered.top.map(({ id }, index) => ({
    label: t('report.answerButton', { number: index + 1 }),
    action: `/unanswered answer ${shortId(id)}`,
  }));
  const rows = Array.from({ length: Math.ceil(buttons.length / BUTTONS_IN_ROW) }, (_, row) =>
    buttons.slice(row * BUTTONS_IN_ROW, (row + 1) * BUTTONS_IN_ROW),
  );
  return rows.length === 0 ? undefined : rows;
}

/** What is unusual, as warning lines. */
export function unusualLines(unusual: readonly Unusual[], t: Translate): readonly string[] {
  return unusual.map(({ what, direction, value, usual }) => {
    const isMoney = what === 'cost';
    const values = isMoney ? { value: value / MICROS, usual: usual / MICROS } : { value, usual };
    return `⚠️ ${t('report.unusual', { what, direction, currency: CURRENCY, ...values })}`;
  });
}

export function periodName({ period }: Pick<Report, 'period'>, locale: Locale): string {
  const format = new Intl.DateTimeFormat(locale, {
    ...(period.kind === 'day' ? { weekday: 'long' as const } : {}),
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const [first = period.key] = period.days;
  if (period.kind === 'day') return format.format(new Date(first));
  return format.formatRange(new Date(first), new Date(period.days.at(-1) ?? first));
}

function trafficLines({ numbers, before, isWhole, period }: Report, t: Translate): readonly string[] {
  const { conversations, newContacts, messages } = numbers;
  const traffic = t('report.traffic', { conversations, newContacts, messages });
  if (before.length === 0) return [traffic];
  const usual = median(before.map((each) => each.messages));
  return [`${traffic} ${t('report.usual', { usual, isOver: String(isWhole), kind: period.kind })}`];
}

function answerLines(
  { numbers: { answers, thumbsUp, thumbsDown } }: Report,
  t: Translate,
): readonly string[] {
  const parts = SOURCES.filter((source) => answers[source] > 0)
    .toSorted((one, other) => answers[other] - answers[one])
    .map((source) => t('report.source', { source, count: answers[source] }));
  const answered = parts.length === 0 ? [] : [t('report.answered', { sources: parts.join(', ') })];
  const askedBack = answers.asked_back === 0 ? [] : [t('report.askedBack', { count: answers.asked_back })];
  const nothing = answers.nothing === 0 ? [] : [t('report.nothing', { count: answers.nothing })];
  const feedback =
    thumbsUp + thumbsDown === 0 ? [] : [t('report.feedback', { up: thumbsUp, down: thumbsDown })];
  return [...answered, ...askedBack, ...nothing, ...feedback];
}

function workLines(
  { numbers, waiting, followUpFailures, followUpsDue, timezone }: Report,
  locale: Locale,
  t: Translate,
): readonly string[] {
  const { followUpsSent: sent, followUpsFailed: failed } = numbers;
  const since =
    waiting.since &&
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone }).format(
      waiting.since,
    );
  const reasons = followUpFailures
    .map(({ reason, count }) => `${t('followUp.reason', { reason })}${count === 1 ? '' : ` (×${count})`}`)
    .join('; ');
  return [
    ...(waiting.count === 0 ? [] : [t('report.waiting', { count: waiting.count, since: since ?? '' })]),
    ...(sent + failed + followUpsDue === 0
      ? []
      : [t('report.followUps', { sent, failed, due: followUpsDue })]),
    ...(followUpFailures.length === 0 ? [] : [t('report.followUpFailures', { reasons })]),
    ...(numbers.failedDeliveries === 0 ? [] : [t('report.failed', { count: numbers.failedDeliveries })]),
  ];
}

function moneyLines({ numbers }: Report, t: Translate): readonly string[] {
  const { calls, costMicros, unpricedCalls, failedCalls } = numbers;
  if (calls === 0) return [];
  const cost = t('report.cost', { cost: costMicros / MICROS, currency: CURRENCY, calls });
  const unpriced = unpricedCalls === 0 ? [] : [t('report.unpriced', { count: unpricedCalls })];
  const failed = failedCalls === 0 ? [] : [t('report.failedCalls', { count: failedCalls })];
  return [[cost, ...unpriced, ...failed].join(' ')];
}

/** Empty for a working channel, which needs no mention. */
function channelLine({ accountId, channel, state }: Report['channels'][number], t: Translate): string[] {
  const reason = 'reason' in state ? (state.reason ?? '') : '';
  if (state.state === 'open' && reason === '') return [];
  return [
    t('report.channel', {
      channel,
      id: escapeMarkdown(accountId),
      state: state.state.replace('-', '_'),
      reason: reason === '' ? '' : `: ${quote(reason)}`,
    }),
  ];
}

function questionLines({ unanswered: { open, top } }: Report, t: Translate): readonly string[] {
  if (top.length === 0) return [];
  const lines = top.map(
    ({ question, count, id }, index) => `${index + 1}. ${quote(question)} (×${count}) · \`${shortId(id)}\``,
  );
  return [[t('report.questions', { count: open }), ...lines].join('\n')];
}
