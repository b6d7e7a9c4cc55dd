import type { ModelRow } from '../records/records.js';

/** More bars, or classes, could not be read on a phone. */
const MOST_BARS = 12;
const MOST_CLASSES = 12;
const LONGEST_LABEL = 22;
const BAR_HEIGHT = 26;

/** What matters most, as bars. `undefined`: nothing is known of it. Drawing code is loaded with the first picture. */
export async function importancePicture({
  importance,
  name,
  version,
}: ModelRow): Promise<Uint8Array | undefined> {
  if (importance.length === 0) return undefined;
  const { drawChart } = await import('../../lib/draw-chart.js');
  const shown = importance.slice(0, MOST_BARS).toReversed();
  return drawChart(
    {
      title: { text: `${short(name)} v${version}`, left: 12, top: 8, textStyle: { fontSize: 15 } },
      grid: { left: 12, right: 56, top: 40, bottom: 12, containLabel: true },
      xAxis: { type: 'value', max: 'dataMax', axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: 'category',
        data: shown.map(({ column }) => short(column)),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { fontSize: 13 },
      },
      series: [
        {
          type: 'bar',
          data: shown.map(({ share }) => Math.round(share * 1000) / 10),
          barMaxWidth: 18,
          label: { show: true, position: 'right', formatter: '{c} %', fontSize: 13 },
        },
      ],
    },
    64 + shown.length * BAR_HEIGHT,
  );
}

/** What was taken for what; of numbers, what is against what was said. */
export async function confusionPicture(row: ModelRow): Promise<Uint8Array | undefined> {
  const { metrics, points, name, version } = row;
  if (points !== undefined) return scatter(`${short(name)} v${version}`, points);
  const { confusion } = metrics ?? {};
  if (confusion === undefined) return undefined;
  const { drawChart } = await import('../../lib/draw-chart.js');
  const labels = confusion.labels.slice(0, MOST_CLASSES).map(short);
  const cells = labels.flatMap((_, actual) =>
    labels.map((__, said) => [said, labels.length - 1 - actual, confusion.counts[actual]?.[said] ?? 0]),
  );
  const most = Math.max(1, ...cells.map(([, , count]) => count ?? 0));
  return drawChart(
    {
      title: { text: `${short(name)} v${version}`, left: 12, top: 8, textStyle: { fontSize: 15 } },
      grid: { left: 16, right: 16, top: 44, bottom: 16, containLabel: true },
      xAxis: {
        type: 'category',
        data: labels,
        position: 'bottom',
        axisLabel: { fontSize: 12, rotate: labels.length > 4 ? 40 : 0 },
      },
      yAxis: { type: 'category', data: labels.toReversed(), axisLabel: { fontSize: 12 } },
      visualMap: { show: false, min: 0, max: most, inRange: { color: ['#f2f6f3', '#2f6f4f'] } },
      series: [{ type: 'heatmap', data: cells, label: { show: true, fontSize: 14 } }],
    },
    Math.max(260, 120 + labels.length * 44),
  );
}

async function scatter(title: string, points: readonly (readonly [number, number])[]): Promise<Uint8Array> {
  const { drawChart } = await import('../../lib/draw-chart.js');
  const all = points.flat();
  const ends = [Math.min(...all), Math.max(...all)] as const;
  return drawChart({
    title: { text: title, left: 12, top: 8, textStyle: { fontSize: 15 } },
    grid: { left: 16, right: 24, top: 44, bottom: 16, containLabel: true },
    xAxis: { type: 'value', scale: true },
    yAxis: { type: 'value', scale: true },
    series: [
      { type: 'scatter', data: points, symbolSize: 6, itemStyle: { opacity: 0.5 } },
      { type: 'line', data: ends.map((end) => [end, end]), symbol: 'none', lineStyle: { color: '#c26a2d' } },
    ],
  });
}

function short(text: string): string {
  return text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…`;
}
