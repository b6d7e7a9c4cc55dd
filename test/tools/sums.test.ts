import { expect, it } from 'vitest';
import { converted } from '../../src/tools/builtin/convert-units.js';
import { valueOf } from '../../src/tools/builtin/calculate.js';

it.each([
  ['(125000 * 3) * 0.9', 337_500],
  ['0.1 + 0.2', 0.3],
  ['-2 ^ 2', -4],
  ['2 ^ 3 ^ 2', 512],
  ['10 - 4 - 3', 3],
  ['7 % 4 / 2', 1.5],
])('%s equals %d', (expression, value) => {
  expect(valueOf(expression)).toBe(value);
});

it.each(['', '1 +', '(1', '1)', '1 / 0', 'process.exit()', '1e400', '__proto__'])(
  '%j is refused as a calculation',
  (text) => {
    expect(() => valueOf(text)).toThrow();
  },
);

it('converts units of the same kind and no others', () => {
  expect(converted(2.5, 'km', 'm')).toBe(2500);
  expect(converted(100, 'C', 'F')).toBe(212);
  expect(converted(2, 'kodi', 'lusin')).toBeCloseTo(3.333, 3);
  expect(() => converted(1, 'kg', 'm')).toThrow();
  expect(() => converted(1, 'constructor', 'm')).toThrow();
});
