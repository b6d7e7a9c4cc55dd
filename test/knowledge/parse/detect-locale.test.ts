import { describe, expect, it } from 'vitest';
import { detectLocale } from '../../../src/knowledge/parse/detect-locale.js';

describe('the language of a document', () => {
  it('is detected if it is a supported one', async () => {
    for (const text of [
      'Kopi dari Aceh dengan rasa cokelat dan rempah.',
      'Barang dapat ditukar dalam tujuh hari.',
    ]) {
      expect([text, await detectLocale(text)]).toEqual([text, 'id']);
    }
    expect(await detectLocale('Our shop ships to all islands of Indonesia within three days.')).toBe('en');
  });

  it('is left open if it is another one or unclear', async () => {
    for (const text of [
      'Le café est ouvert tous les jours sauf le dimanche et les jours fériés.',
      'El envío tarda tres días en llegar a su casa.',
      '東京は日本の首都です',
      '12345 67890',
      '',
    ]) {
      expect([text, await detectLocale(text)]).toEqual([text, undefined]);
    }
  });
});
