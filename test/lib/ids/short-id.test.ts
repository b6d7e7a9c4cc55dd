import { describe, expect, it } from 'vitest';
import { findById, shortId } from '../../../src/lib/ids/short-id.js';

describe('short ids', () => {
  const id = (end: string): string => `faq_${'a'.repeat(16)}${end}`;

  it('shorten generated ids and keep ids that people chose', () => {
    expect(shortId(id('xYz12-'))).toBe('xYz12-');
    expect(shortId('price-list')).toBe('price-list');
  });

  it('identify an item only if exactly one matches', () => {
    const items = [{ id: id('aaaaaa') }, { id: id('bbbbbb') }, { id: `kb_${'c'.repeat(16)}bbbbbb` }];
    expect(findById(items, 'aaaaaa')).toBe(items[0]);
    expect(findById(items, id('bbbbbb'))).toBe(items[1]);
    expect(findById(items, 'bbbbbb')).toBeUndefined();
    expect(findById(items, 'aaaaa')).toBeUndefined();
    expect(findById(items, '')).toBeUndefined();
  });
});
