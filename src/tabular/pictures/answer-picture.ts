import type { Locale } from '../../contracts/message.js';
import type { AnswerLine, TableAnswer, TableQuestion } from '../ask/question.js';
import { shortNumber } from '../report/number-text.js';
import { drawBars } from './bars.js';
import { short } from './model-pictures.js';

const MOST_BARS = 12;
/** With fewer lines, text is quicker to read than a picture. */
const FEWEST_LINES = 3;

/**
 * Draws the lines of an answer, over time as a line chart, otherwise as bars. `undefined`: text is enough.
 */
export async function answerPicture(
  { lines }: TableAnswer,
  { period }: Pick<TableQuestion, 'period'>,
  { title: text, locale }: { readonly title: string; readonly locale: Locale },
): Promise<Uint8Array | undefined> {
  if (lines.length < FEWEST_LINES) return undefined;
  const textStyle = { fontSize: 14, width: 450, overflow: 'truncate' };
  const title = { text, left: 12, top: 8, textStyle };
  if (period !== undefined && period !== 'weekday') return drawOverTime(lines, title, locale);
  return drawBars({
    title,
    top: 44,
    bars: lines.slice(0, MOST_BARS).map(({ group = '', value }) => ({ label: short(group), value })),
    written: (value) => shortNumber(value, locale),
  });
}

async function drawOverTime(
  lines: readonly AnswerLine[],
  title: Record<string, unknown>,
  locale: Locale,
): Promise<Uint8Array> {
  const { drawChart } = await import('../../lib/draw-chart.js');
  return drawChart({
    title,
    grid: { left: 16, right: 24, top: 48, bottom: 16, containLabel: true },
    xAxis: {
      type: 'category',
      data: lines.map(({ group = '' }) => group),
      axisLabel: { hideOverlap: true },
    },
    yAxis: { type: 'value', axisLabel: { formatter: (value: number) => shortNumber(value, locale) } },
    series: [{ type: 'line', data: lines.map(({ value }) => value), symbolSize: 6 }],
  });
}
