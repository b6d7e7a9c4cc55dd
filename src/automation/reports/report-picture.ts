import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import type { AnsweredBy } from './counts.js';
import type { Report } from './make-report.js';
import { periodName } from './report-text.js';

/** Kinds of answers drawn separately: more could not be told apart on a phone. */
const ANSWER_GROUPS: readonly {
  readonly group: 'bot' | 'human' | 'nothing';
  readonly sources: readonly AnsweredBy[];
}[] = [
  { group: 'bot', sources: ['faq', 'knowledge', 'model', 'tool', 'command', 'asked_back'] },
  { group: 'human', sources: ['human'] },
  { group: 'nothing', sources: ['nothing'] },
];
const HOURS_BETWEEN_LABELS = 3;
const HEIGHT = 300;

/**
 * A day as its hours compared with the usual, a week as its days and who answered. `undefined`: there were no
 * messages. The drawing code is loaded with the first picture.
 */
export async function reportPicture(
  report: Report,
  locale: Locale,
  t: Translate,
): Promise<Uint8Array | undefined> {
  if (report.numbers.messages === 0) return undefined;
  const { drawChart, CHART_COLOURS } = await import('../../lib/draw-chart.js');
  const title = {
    text: periodName(report, locale),
    subtext: t('report.messagesByTime', { kind: report.period.kind }),
    left: 12,
    top: 8,
    textStyle: { fontSize: 15 },
    subtextStyle: { fontSize: 12, color: '#4d4d4d' },
  };
  const inDigits = new Intl.NumberFormat(locale);
  const shared = {
    title,
    grid: { left: 16, right: 16, top: 78, bottom: 54 },
    legend: { bottom: 6, left: 12, itemHeight: 10, textStyle: { fontSize: 12 } },
    yAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: { fontSize: 12, formatter: (value: number) => inDigits.format(value) },
    },
  };
  const chart = report.period.kind === 'day' ? ofDay(report, t) : ofWeek(report, locale, t);
  return drawChart(
    { ...shared, ...chart, color: [CHART_COLOURS[0], CHART_COLOURS[2], CHART_COLOURS[1]] },
    HEIGHT,
  );
}

function ofDay({ numbers, before }: Report, t: Translate) {
  const usual = numbers.byHour.map((_, hour) => average(before.map(({ byHour }) => byHour[hour] ?? 0)));
  const line = { name: t('report.usually'), type: 'line', data: usual, symbol: 'none' };
  return {
    xAxis: {
      type: 'category',
      data: numbers.byHour.map((_, hour) => String(hour).padStart(2, '0')),
      axisLabel: { fontSize: 12, interval: HOURS_BETWEEN_LABELS - 1 },
    },
    series: [
      { name: t('report.messages'), type: 'bar', data: [...numbers.byHour], barCategoryGap: '25%' },
      ...(before.length === 0 ? [] : [line]),
    ],
  };
}

function ofWeek({ numbers, period }: Report, locale: Locale, t: Translate) {
  const dayName = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  return {
    xAxis: {
      type: 'category',
      data: period.days.map((day) => dayName.format(new Date(day))),
      axisLabel: { fontSize: 12 },
    },
    series: ANSWER_GROUPS.map(({ group, sources }) => ({
      name: t('report.group', { group }),
      type: 'bar',
      stack: 'answers',
      barCategoryGap: '35%',
      data: numbers.byDay.map((answers) => sources.reduce((sum, by) => sum + answers[by], 0)),
    })),
  };
}

function average(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return Math.round((values.reduce((sum, each) => sum + each, 0) / values.length) * 10) / 10;
}
