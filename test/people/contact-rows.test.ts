import { expect, it } from 'vitest';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { contactRows } from '../../src/people/contact-rows.js';

it('tracks how much of a table is read, even with multi-byte letters', async () => {
  const scope = { settings: tenantSettingsSchema.parse({ name: 'Toko' }) } as TenantScope;
  const rows = Array.from({ length: 20_000 }, (_, n) => `王小明李大华 ${n}`);
  const parts: number[] = [];
  for await (const { part } of contactRows(scope, ['name', ...rows].join('\n'))) parts.push(part);
  expect(parts).toHaveLength(rows.length);
  expect(Math.max(...parts)).toBeLessThanOrEqual(1);
  expect(parts.at(-1)).toBeCloseTo(1, 2);
  expect(parts[rows.length / 2]).toBeCloseTo(0.5, 1);
});
