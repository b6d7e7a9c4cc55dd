import type { Locale } from '../../contracts/message.js';
import type { ChartOption } from '../../lib/draw-chart.js';
import { fileNameOf } from '../../lib/text/file-name.js';
import type { ModelRow } from '../records/records.js';
import { shortNumber } from '../report/number-text.js';
import type { Reader } from '../report/reader.js';
import { drawBars } from './bars.js';

/** More bars or classes would be unreadable on a phone. */
const MOST_BARS = 12;
const MOST_CLASSES = 12;
const LONGEST_LABEL = 22;
const GREEN = '#2f6f4f';
const ACCENT = '#c26a2d';
const MUTED = '#7d857f';

/** The texts in the pictures, in one language. */
export interface PictureWords {
  /** How numbers are written. */
  readonly locale: Locale;
  readonly importance: string;
  readonly confusion: string;
  readonly predicted: string;
  readonly actual: string;
  readonly residuals: string;
  readonly calibration: string;
  readonly promised: string;
  readonly cameTrue: string;
}

export function wordsOfPictures({ t, locale }: Reader): PictureWords {
  return {
    locale,
    importance: t('tables.picture.importance'),
    confusion: t('tables.picture.confusion'),
    predicted: t('tables.picture.said'),
    actual: t('tables.picture.was'),
    residuals: t('tables.picture.residuals'),
    calibration: t('tables.picture.calibration'),
    promised: t('tables.picture.promised'),
    cameTrue: t('tables.picture.cameTrue'),
  };
}

export type DrawModel = (row: ModelRow, words: PictureWords) => Promise<Uint8Array | undefined>;

/** All pictures of a model for which there is data. */
export async function modelPictures(
  row: ModelRow,
  words: PictureWords,
): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]> {
  const entries = [
    ['importance', await importancePicture(row, words)],
    ['confusion', await confusionPicture(row, words)],
    ['calibration', await calibrationPicture(row, words)],
  ] as const;
  return entries.flatMap(([name, bytes]) =>
    bytes === undefined ? [] : [{ name: `${fileNameOf(row.name)}-${name}.png`, bytes }],
  );
}

/** The most important columns, as bars. `undefined`: none are known. */
export const importancePicture: DrawModel = async (row, words) => {
  const { importance } = row;
  if (importance.length === 0) return undefined;
  return drawBars({
    title: titleOf(row, words.importance),
    top: 60,
    bars: importance
      .slice(0, MOST_BARS)
      .map(({ column, share }) => ({ label: short(column), value: Math.round(share * 100) })),
    written: (percent) => `${percent} %`,
  });
};

/** The confusion matrix; for regression, predicted against actual values. */
export const confusionPicture: DrawModel = async (row, words) => {
  const { metrics, points } = row;
  if (points !== undefined) return scatter(row, words, points);
  const { confusion } = metrics ?? {};
  if (confusion === undefined) return undefined;
  const labels = confusion.labels.slice(0, MOST_CLASSES).map(short);
  const cells = labels.flatMap((_, actual) =>
    labels.map((__, predictedClass) => [
      predictedClass,
      labels.length - 1 - actual,
      confusion.counts[actual]?.[predictedClass] ?? 0,
    ]),
  );
  const most = Math.max(1, ...cells.map(([, , count]) => count ?? 0));
  const isNarrow = labels.length > 4 || labels.some((label) => label.length > 12);
  return draw(
    {
      title: titleOf(row, words.confusion),
      grid: { left: 30, right: 16, top: 64, bottom: 36, containLabel: true },
      xAxis: {
        type: 'category',
        data: labels,
        position: 'bottom',
        name: words.predicted,
        nameLocation: 'middle',
        nameGap: isNarrow ? 70 : 32,
        nameTextStyle: { fontSize: 13, color: MUTED },
        axisLabel: { fontSize: 12, rotate: isNarrow ? 40 : 0 },
      },
      yAxis: {
        type: 'category',
        data: labels.toReversed(),
        name: words.actual,
        nameLocation: 'middle',
        nameGap: 12 + Math.max(...labels.map((label) => label.length)) * 7,
        nameTextStyle: { fontSize: 13, color: MUTED },
        axisLabel: { fontSize: 12 },
      },
      visualMap: { show: false, min: 0, max: most, inRange: { color: ['#f2f6f3', '#2f6f4f'] } },
      series: [{ type: 'heatmap', data: cells, label: { show: true, fontSize: 14 } }],
    },
    Math.max(280, 160 + labels.length * 44),
  );
};

/**
 * The stated probability against the share that was right; on the diagonal, the probabilities are accurate.
 */
export const calibrationPicture: DrawModel = async (row, words) => {
  const bins = row.metrics?.calibration ?? [];
  if (bins.length === 0) return undefined;
  const percent = (share: number): number => Math.round(share * 1000) / 10;
  const most = Math.max(...bins.map(({ rows }) => rows));
  return draw(
    {
      title: titleOf(row, words.calibration),
      grid: { left: 40, right: 24, top: 64, bottom: 40, containLabel: true },
      xAxis: percentAxis(words.promised, 28),
      yAxis: percentAxis(words.cameTrue, 44),
      series: [
        {
          type: 'line',
          data: [
            [0, 0],
            [100, 100],
          ],
          symbol: 'none',
          lineStyle: { color: ACCENT, type: 'dashed' },
        },
        {
          type: 'line',
          data: bins.map(({ said, right, rows }) => ({
            value: [percent(said), percent(right)],
            // The larger the point, the more cases it represents.
            symbolSize: 6 + 14 * Math.sqrt(rows / most),
          })),
          symbol: 'circle',
          itemStyle: { color: GREEN },
          lineStyle: { width: 2, color: GREEN },
        },
      ],
    },
    340,
  );
};

function percentAxis(name: string, nameGap: number): Record<string, unknown> {
  return {
    type: 'value',
    min: 0,
    max: 100,
    name,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { fontSize: 13, color: MUTED },
    axisLabel: { formatter: '{value} %', fontSize: 12 },
  };
}

async function scatter(
  row: ModelRow,
  words: PictureWords,
  points: readonly (readonly [number, number])[],
): Promise<Uint8Array> {
  const all = points.flat();
  const ends = [Math.min(...all), Math.max(...all)] as const;
  const axis = (name: string, nameGap: number): Record<string, unknown> => ({
    type: 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { fontSize: 13, color: MUTED },
    axisLabel: {
      fontSize: 12,
      formatter: (value: number) => shortNumber(value, words.locale),
      hideOverlap: true,
    },
  });
  return draw({
    title: titleOf(row, words.residuals),
    // As wide for `2` as for `1,25 jt`, so that the name beside the numbers has its place.
    grid: { left: 76, right: 24, top: 64, bottom: 58 },
    xAxis: axis(words.actual, 30),
    yAxis: axis(words.predicted, 54),
    series: [
      { type: 'scatter', data: points, symbolSize: 6, itemStyle: { opacity: 0.5 } },
      { type: 'line', data: ends.map((end) => [end, end]), symbol: 'none', lineStyle: { color: ACCENT } },
    ],
  });
}

function titleOf({ name, version }: ModelRow, subtext: string): Record<string, unknown> {
  return {
    text: `${short(name)} v${version}`,
    subtext,
    left: 12,
    top: 8,
    textStyle: { fontSize: 15 },
    subtextStyle: { fontSize: 13, color: MUTED },
  };
}

/** Loads the drawing code with the first picture. */
async function draw(option: ChartOption, height?: number): Promise<Uint8Array> {
  const { drawChart } = await import('../../lib/draw-chart.js');
  return drawChart(option, height);
}

export function short(text: string): string {
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`;
}
