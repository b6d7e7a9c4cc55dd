import type { TableAnswer, TableQuestion } from '../ask/question.js';
import type { Locale } from '../../contracts/message.js';
import { shortNumber } from '../report/number-text.js';
import { short } from './model-pictures.js';

const MOST_BARS = 12;
const BAR_HEIGHT = 26;
/** With fewer lines, text is quicker to read than a picture. */
const FEWEST_LINES = 3;

/**
 * Draws the lines of an answer, over time as a line chart, otherwise as bars. `undefined`: text is enough.
 */
export async function answerPicture(
  { lines }: TableAnswer,
  { period }: Pick<TableQuestion, 'period'>,
  { title, locale }: { readonly title: string; readonly locale: Locale },
): Promise<Uint8Array | undefined> {
  if (lines.length < FEWEST_LINES) return undefined;
  const { drawChart } = await import('../../lib/draw-chart.js');
  const heading = {
    text: title,
    left: 12,
    top: 8,
    textStyle: { fontSize: 14, width: 450, overflow: 'truncate' },
  };
  if (period !== undefined && period !== 'weekday') {
    return drawChart({
      title: heading,
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
  const bars = lines.slice(0, MOST_BARS).toReversed();
  return drawChart(
    {
      title: heading,
      grid: { left: 12, right: 64, top: 44, bottom: 12, containLabel: true },
      xAxis: { type: 'value', axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: 'category',
        data: bars.map(({ group = '' }) => short(group)),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { fontSize: 13 },
      },
      series: [
        {
          type: 'bar',
          data: bars.map(({ value }) => value),
          barMaxWidth: 18,
          label: {
            show: true,
            position: 'right',
            fontSize: 13,
            formatter: ({ value }: { readonly value: number }) => shortNumber(value, locale),
          },
        },
      ],
    },
    68 + bars.length * BAR_HEIGHT,
  );
}
