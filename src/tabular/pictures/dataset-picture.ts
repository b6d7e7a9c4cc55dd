import type { DatasetColumn } from '../../contracts/tabular.js';
import { dateText } from '../read/date-format.js';
import type { DatasetRow } from '../records/records.js';
import type { Locale } from '../../contracts/message.js';
import { shortNumber } from '../report/number-text.js';
import type { Reader } from '../report/reader.js';
import { short } from './model-pictures.js';

/** Small charts side by side; more would be unreadable on a phone. */
const MOST_COLUMNS = 10;
const PER_ROW = 2;
const WIDTH = 480;
const CELL = { width: WIDTH / PER_ROW, height: 140 } as const;
const CHART_WIDTH = CELL.width - 30;
const TOP = 48;
const MOST_VALUES = 5;
const LONGEST_VALUE = 11;

/** Draws the columns of a table, each in a small chart. `undefined`: none can be drawn. */
export async function datasetPicture(
  row: DatasetRow,
  { t, locale }: Reader,
): Promise<Uint8Array | undefined> {
  const pictures = row.columns.flatMap((column) => smallPicture(column, locale)).slice(0, MOST_COLUMNS);
  if (pictures.length === 0) return undefined;
  const { drawChart } = await import('../../lib/draw-chart.js');
  const subtext = t('tables.picture.profile');
  return drawChart(
    {
      title: [
        { text: short(row.name), subtext, left: 12, top: 8, textStyle: { fontSize: 15 } },
        ...pictures.map(({ name }, index) => titleAt(index, name)),
      ],
      grid: pictures.map((_, index) => gridAt(index)),
      xAxis: pictures.map(xAxis),
      yAxis: pictures.map((_, gridIndex) => ({ gridIndex, type: 'value', show: false })),
      series: pictures.map(({ counts }, index) => ({
        type: 'bar',
        xAxisIndex: index,
        yAxisIndex: index,
        data: [...counts],
        barCategoryGap: '12%',
      })),
    },
    TOP + Math.ceil(pictures.length / PER_ROW) * CELL.height + 8,
  );
}

function cornerOf(index: number): { readonly left: number; readonly top: number } {
  return {
    left: (index % PER_ROW) * CELL.width,
    top: TOP + Math.floor(index / PER_ROW) * CELL.height,
  };
}

function titleAt(index: number, name: string): Record<string, unknown> {
  const { left, top } = cornerOf(index);
  return { text: short(name), left: left + 12, top: top + 8, textStyle: { fontSize: 12 } };
}

function gridAt(index: number): Record<string, number> {
  const { left, top } = cornerOf(index);
  return { left: left + 14, top: top + 32, width: CHART_WIDTH, height: CELL.height - 62 };
}

function xAxis({ labels, isValues }: SmallPicture, gridIndex: number): Record<string, unknown> {
  // Every value has a label, as far as there is room.
  const ofValues = {
    fontSize: 10,
    lineHeight: 11,
    interval: 0,
    width: CHART_WIDTH / labels.length - 2,
    // Wraps labels instead of truncating them, because values often begin with the same words.
    overflow: labels.some((label) => label.includes(' ')) ? 'break' : 'truncate',
  };
  return {
    gridIndex,
    type: 'category',
    data: [...labels],
    axisTick: { show: false },
    axisLabel: isValues ? ofValues : { fontSize: 10, interval: 0, hideOverlap: true },
  };
}

interface SmallPicture {
  readonly name: string;
  readonly labels: readonly string[];
  /** Whether every bar has a label, not only the ends. */
  readonly isValues: boolean;
  readonly counts: readonly number[];
}

function smallPicture(
  { name, type, histogram, top, personal }: DatasetColumn,
  locale: Locale,
): SmallPicture[] {
  // Personal data is not drawn, because pictures get passed around.
  if (personal || type === 'id' || type === 'text') return [];
  if (histogram !== undefined) {
    const { from, to, counts } = histogram;
    const label = (value: number): string =>
      type === 'date' ? dateText(Math.floor(value)) : shortNumber(value, locale);
    // Only the ends are labelled, because there is no room for more.
    const labels = counts.map((_, index) =>
      index === 0 ? label(from) : index === counts.length - 1 ? label(to) : '',
    );
    return [{ name, labels, isValues: false, counts }];
  }
  const values = (top ?? []).slice(0, MOST_VALUES);
  if (values.length < 2) return [];
  return [
    {
      name,
      labels: values.map(({ value }) =>
        value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 1)}…`,
      ),
      isValues: true,
      counts: values.map(({ count }) => count),
    },
  ];
}
