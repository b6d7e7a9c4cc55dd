import { z } from 'zod';
import { ToolError } from '../../contracts/tool.js';
import { defineTool } from '../define-tool.js';

/** Units by kind, each with its factor to the first unit of its kind. */
const FACTORS: readonly Readonly<Record<string, number>>[] = [
  { m: 1, mm: 0.001, cm: 0.01, km: 1000, in: 0.0254, ft: 0.3048, yd: 0.9144, mi: 1609.344 },
  { kg: 1, mg: 0.000_001, g: 0.001, ons: 0.1, kuintal: 100, t: 1000, oz: 0.028349523125, lb: 0.45359237 },
  { l: 1, ml: 0.001, cl: 0.01, m3: 1000, gal: 3.785411784, cup: 0.2365882365, floz: 0.0295735295625 },
  { m2: 1, cm2: 0.0001, km2: 1_000_000, ha: 10_000, are: 100, ft2: 0.09290304, acre: 4046.8564224 },
  { s: 1, min: 60, h: 3600, day: 86_400, week: 604_800 },
  { b: 1, kb: 1000, mb: 1_000_000, gb: 1_000_000_000, tb: 1_000_000_000_000 },
  { pcs: 1, lusin: 12, dozen: 12, kodi: 20, gross: 144 },
];
const UNITS = [...FACTORS.flatMap((each) => Object.keys(each)), 'c', 'f', 'k'];
const DIGITS = 10;

export const convertUnitsTool = defineTool({
  name: 'convert_units',
  description: `Converts between units of the same kind: ${UNITS.join(', ')}.`,
  inputSchema: z.strictObject({
    value: z.number(),
    from: z.string().min(1).max(10),
    to: z.string().min(1).max(10),
  }),
  effect: 'read',
  run: ({ value, from, to }) => Promise.resolve({ value: converted(value, from, to), unit: to }),
});

export function converted(value: number, from: string, to: string): number {
  const [source, target] = [from.toLowerCase(), to.toLowerCase()];
  const kelvin = toKelvin(value, source);
  if (kelvin !== undefined && toKelvin(0, target) !== undefined) {
    return Number(fromKelvin(kelvin, target).toPrecision(DIGITS));
  }
  for (const factors of FACTORS) {
    if (!Object.hasOwn(factors, source) || !Object.hasOwn(factors, target)) continue;
    const [sourceFactor, targetFactor] = [factors[source], factors[target]];
    if (sourceFactor !== undefined && targetFactor !== undefined) {
      return Number(((value * sourceFactor) / targetFactor).toPrecision(DIGITS));
    }
  }
  throw new ToolError('invalid-input', `From ${from} to ${to} cannot be converted.`);
}

function toKelvin(value: number, unit: string): number | undefined {
  if (unit === 'c') return value + 273.15;
  if (unit === 'f') return ((value - 32) * 5) / 9 + 273.15;
  return unit === 'k' ? value : undefined;
}

function fromKelvin(kelvin: number, unit: string): number {
  if (unit === 'c') return kelvin - 273.15;
  return unit === 'f' ? ((kelvin - 273.15) * 9) / 5 + 32 : kelvin;
}
