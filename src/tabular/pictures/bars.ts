import type { ChartOption } from '../../lib/draw-chart.js';

const BAR_HEIGHT = 26;
/** Below the last bar. */
const MARGIN = 24;

export interface Bars {
  readonly title: Record<string, unknown>;
  /** Height of the title. */
  readonly top: number;
  /** From the top down. */
  readonly bars: readonly { readonly label: string; readonly value: number }[];
  readonly written: (value: number) => string;
}

/** Draws horizontal bars, which leave room for long labels, with their values beside them. */
export async function drawBars({ title, top, bars, written }: Bars): Promise<Uint8Array> {
  const upwards = bars.toReversed();
  const option: ChartOption = {
    title,
    grid: { left: 12, right: 64, top, bottom: 12, containLabel: true },
    xAxis: { type: 'value', max: 'dataMax', axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: {
      type: 'category',
      data: upwards.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { fontSize: 13 },
    },
    series: [
      {
        type: 'bar',
        data: upwards.map(({ value }) => value),
        barMaxWidth: 18,
        label: {
          show: true,
          position: 'right',
          fontSize: 13,
          formatter: ({ value }: { readonly value: number }) => written(value),
        },
      },
    ],
  };
  const { drawChart } = await import('../../lib/draw-chart.js');
  return drawChart(option, top + MARGIN + bars.length * BAR_HEIGHT);
}
