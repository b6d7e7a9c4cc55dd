import { expect, it } from 'vitest';
import { drawChart } from '../../src/lib/draw-chart.js';

const NAMES = Object.getOwnPropertyNames(Object.prototype);

/** What has been added to the prototype of all objects, and to what it holds. */
function additions(): readonly string[] {
  const held = NAMES.map((name): unknown => Reflect.get(Object.prototype, name));
  return [Object.prototype, ...held].flatMap((value) => Object.keys(value ?? {}));
}

it('a label named like a property of every object is drawn and changes no object', () => {
  for (const title of ['__proto__', 'constructor, __proto__\ntoString']) {
    const picture = drawChart({
      title: { text: title },
      xAxis: { type: 'value' },
      yAxis: { type: 'category', data: NAMES },
      series: [{ type: 'bar', data: NAMES.map((_, index) => index) }],
    });
    expect(Buffer.from(picture.subarray(1, 4)).toString()).toBe('PNG');
  }
  expect(additions()).toEqual([]);
});
