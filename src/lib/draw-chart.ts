import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { init, use } from 'echarts/core';
import type { EChartsCoreOption } from 'echarts/core';
import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import { LegacyGridContainLabel } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  LegacyGridContainLabel,
  SVGRenderer,
]);

export type ChartOption = EChartsCoreOption;

/** Readable on a phone without zooming: phone width in points, drawn at twice that resolution. */
const WIDTH = 480;
const SCALE = 2;
const FONT = 'Liberation Sans';
/** Provides the font: a bare machine has none, and without one a picture has no text. */
const FONT_PACKAGE = 'pdfjs-dist';
const FONT_FILES = ['LiberationSans-Regular.ttf', 'LiberationSans-Bold.ttf'];
/** Colours with sufficient contrast on white, used in all charts. */
export const CHART_COLOURS = ['#2f6f4f', '#c26a2d', '#3b5b92', '#8a4f7d', '#7a7a2e', '#4d4d4d'] as const;

/**
 * The library keeps the widths of texts in a plain object: looking up a text such as `__proto__` there would
 * change the prototype of every object of the process.
 */
const INHERITED_NAMES = new RegExp(Object.getOwnPropertyNames(Object.prototype).join('|'), 'g');
/** Invisible in the picture. */
const ZERO_WIDTH_SPACE = '\u200B';

/** Renders a chart to PNG without a browser. */
export function drawChart(option: ChartOption, height = 360): Uint8Array {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      color: [...CHART_COLOURS],
      textStyle: { fontFamily: FONT },
      ...(withoutInheritedNames(option) as ChartOption),
    });
    const svg = chart.renderToSVGString();
    return new Resvg(svg, {
      fitTo: { mode: 'width', value: WIDTH * SCALE },
      font: { defaultFontFamily: FONT, loadSystemFonts: false, fontFiles: fontFiles() },
    })
      .render()
      .asPng();
  } finally {
    chart.dispose();
  }
}

/** The same option, with every such name in its texts broken by an invisible character. */
function withoutInheritedNames(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(INHERITED_NAMES, (name) => `${name.charAt(0)}${ZERO_WIDTH_SPACE}${name.slice(1)}`);
  }
  if (Array.isArray(value)) return value.map(withoutInheritedNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withoutInheritedNames(entry)]),
  );
}

function fontFiles(): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve(`${FONT_PACKAGE}/package.json`));
  return FONT_FILES.map((file) => join(folder, 'standard_fonts', file));
}
