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
  const place = (index: number): { left: number; top: number } => ({
    left: (index % PER_ROW) * CELL.width,
    top: TOP + Math.floor(index / PER_ROW) * CELL.height,
  });
  return drawChart(
    {
      title: [
        {
          text: short(row.name),
          subtext: t('tables.picture.profile'),
          left: 12,
          top: 8,
          textStyle: { fontSize: 15 },
        },
        ...pictures.map(({ name }, index) => ({
          text: short(name),
          left: place(index).left + 12,
          top: place(index).top + 8,
          textStyle: { fontSize: 12 },
        })),
      ],
      grid: pictures.map((_, index) => ({
        left: place(index).left + 14,
        top: place(index).top + 32,
        width: CELL.width - 30,
        height: CELL.height - 62,
      })),
      xAxis: pictures.map(({ labels, isValues }, gridIndex) => ({
        gridIndex,
        type: 'category',
        data: [...labels],
        axisTick: { show: false },
        // Every value has a label, as far as there is room.
        axisLabel: isValues
          ? {
              fontSize: 10,
              lineHeight: 11,
              interval: 0,
              width: (CELL.width - 30) / labels.length - 2,
              // Wraps labels instead of truncating them, because values often begin with the same words.
              overflow: labels.some((label) => label.includes(' ')) ? 'break' : 'truncate',
            }
          : { fontSize: 10, interval: 0, hideOverlap: true },
      })),
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
