import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { projectRoot } from '../../src/lib/project-root.js';

const folder = join(projectRoot, 'locales');

describe('texts', () => {
  const i18n = createI18n({ folder });

  it('use the words and number formats of each language', () => {
    const values = { limit: 12_000 };
    expect(i18n.translator('en')('fallback.tooLong', values)).toContain('12,000');
    expect(i18n.translator('id')('fallback.tooLong', values)).toContain('12.000');
  });

  it('insert values unchanged, whatever they contain', () => {
    const name = "{name} <b>#</b> 'quoted'";
    expect(i18n.translator('en')('fallback.unknownCommand', { name })).toContain(`/${name}`);
  });

  it.each([
    ['id-ID', 'id'],
    ['id_ID', 'id'],
    ['in', 'id'],
    ['EN-gb', 'en'],
    ['fr', undefined],
    ['', undefined],
    [undefined, undefined],
    ['not a tag!', undefined],
  ])('map the platform tag %s to %s', (tag, locale) => {
    expect(i18n.match(tag)).toBe(locale);
  });
});

describe('damaged text files', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'sapa-locales-'));
    cpSync(join(folder, 'en'), join(copy, 'en'), { recursive: true });
    mkdirSync(join(copy, 'id'));
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  it('prevent the start and name the missing keys', () => {
    writeFileSync(join(copy, 'id/conversation.json'), '{"fallback.failed":"Maaf"}');
    expect(() => createI18n({ folder: copy })).toThrow(/locales\/id lacks: .*fallback\.noAnswer/);
  });

  it('prevent the start if a file is not a JSON object of texts', () => {
    writeFileSync(join(copy, 'id/conversation.json'), '{"fallback.failed":1}');
    expect(() => createI18n({ folder: copy })).toThrow();
    writeFileSync(join(copy, 'id/conversation.json'), '{');
    expect(() => createI18n({ folder: copy })).toThrow();
  });
});
