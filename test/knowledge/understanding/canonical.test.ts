import { describe, expect, it } from 'vitest';
import { canonical } from '../../../src/knowledge/understanding/words/canonical.js';
import { readTable } from '../../../src/lib/words/word-table.js';

describe('amounts, units and numbers', () => {
  it.each([
    ['85rb', '85000'],
    ['85 ribu', '85000'],
    ['Rp 85.000', '85000'],
    ['IDR 85,000', '85000'],
    ['1,25jt', '1250000'],
    ['1.250.000', '1250000'],
    ['250gr', '250 gr'],
    ['1kg', '1 kg'],
    ['0812-3456-7890', '081234567890'],
    ['+62 812 3456 7890', '081234567890'],
    ['6281234567890', '081234567890'],
    ['jam 19.30', 'jam 19.30'],
    ['KW-1042', 'KW-1042'],
    ['29 psi', '29 psi'],
  ])('%j and %j are the same', (input, expected) => {
    expect(canonical(input)).toBe(expected);
  });
});

it('a truncated or foreign word table is refused', () => {
  expect(() => readTable(Buffer.from('hello, this is no table of words at all'))).toThrow('not a table');
  expect(() => readTable(Buffer.concat([Buffer.from('BLT1'), Buffer.alloc(28, 1)]))).toThrow();
});
