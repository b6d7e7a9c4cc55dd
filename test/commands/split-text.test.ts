import { describe, expect, it } from 'vitest';
import { findById, shortId } from '../../commands/shared/short-id.js';
import { excerpt, splitPair, splitWord } from '../../commands/shared/split-text.js';

describe('arguments of commands', () => {
  it('split at the first word, keeping the lines of the rest', () => {
    expect(splitWord('  set  one\ntwo ')).toEqual({ word: 'set', rest: 'one\ntwo' });
    expect(splitWord('list')).toEqual({ word: 'list', rest: '' });
    expect(splitWord('')).toEqual({ word: '', rest: '' });
  });

  it('split at the first bar only when both sides say something', () => {
    expect(splitPair('a | b | c')).toEqual({ left: 'a', right: 'b | c' });
    for (const text of ['a', 'a |', '| b', '|', '']) expect(splitPair(text)).toBeUndefined();
  });

  it('are quoted in one line, cut between words and never inside a character', () => {
    expect(excerpt('one\n two', 20)).toBe('one two');
    expect(excerpt('what is the price of it', 17)).toBe('what is the…');
    expect(excerpt('👍👍👍👍', 3)).toBe('👍…');
  });
});

describe('short ids', () => {
  const id = (end: string): string => `faq_${'a'.repeat(16)}${end}`;

  it('shorten ids that were made and leave ids that people chose', () => {
    expect(shortId(id('xYz12-'))).toBe('xYz12-');
    expect(shortId('price-list')).toBe('price-list');
  });

  it('name an item only when exactly one fits', () => {
    const items = [{ id: id('aaaaaa') }, { id: id('bbbbbb') }, { id: `kb_${'c'.repeat(16)}bbbbbb` }];
    expect(findById(items, 'aaaaaa')).toBe(items[0]);
    expect(findById(items, id('bbbbbb'))).toBe(items[1]);
    expect(findById(items, 'bbbbbb')).toBeUndefined();
    expect(findById(items, 'aaaaa')).toBeUndefined();
    expect(findById(items, '')).toBeUndefined();
  });
});
