import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';

type MessageElement = ReturnType<IntlMessageFormat['getAst']>[number];

const areas = readdirSync(join(projectRoot, 'locales/en')).toSorted();
const en = readLocale('en');
const id = readLocale('id');
const keys = Object.keys(en);

function readArea(locale: string, area: string): Record<string, string> {
  return JSON.parse(readFileSync(join(projectRoot, 'locales', locale, area), 'utf8')) as Record<
    string,
    string
  >;
}

function readLocale(locale: string): Record<string, string> {
  return Object.assign({}, ...areas.map((area) => readArea(locale, area))) as Record<string, string>;
}

/** Placeholder names of a message, including those inside plurals and selects. Throws if it is not ICU. */
function placeholders(text: string): string[] {
  const names = new Set<string>();
  const visit = (elements: readonly MessageElement[]): void => {
    for (const element of elements) {
      if (!('value' in element)) continue;
      const isLiteral = !('options' in element) && element.type === 0;
      if (!isLiteral) names.add(element.value);
      if ('options' in element) {
        for (const option of Object.values(element.options)) visit(option.value);
      }
    }
  };
  visit(new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}

/** Source files that may use texts, with their contents. */
function sources(): { path: string; text: string }[] {
  return ['src', 'commands', 'channels'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|js|html)$/.test(path))
      .map((path) => join(folder, path))
      .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') })),
  );
}

/** Calls `translate('key', { ... })` with a literal key, whatever the function is called. */
function translationCalls(path: string, text: string): { key: string; given: string[] | 'unknown' }[] {
  const calls: { key: string; given: string[] | 'unknown' }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.arguments[0] && ts.isStringLiteral(node.arguments[0])) {
      const key = node.arguments[0].text;
      if (key in en) calls.push({ key, given: givenNames(node.arguments[1]) });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return calls;
}

function givenNames(values: ts.Expression | undefined): string[] | 'unknown' {
  if (!values) return [];
  if (!ts.isObjectLiteralExpression(values)) return 'unknown';
  const names: string[] = [];
  for (const property of values.properties) {
    if (!property.name || !ts.isIdentifier(property.name)) return 'unknown';
    names.push(property.name.text);
  }
  return names;
}

describe('the text files', () => {
  it('have the same keys in the same sorted order', () => {
    expect(readdirSync(join(projectRoot, 'locales/id')).toSorted()).toEqual(areas);
    for (const area of areas) {
      const own = Object.keys(readArea('en', area));
      expect(Object.keys(readArea('id', area))).toEqual(own);
      expect(own).toEqual([...own].sort());
    }
  });

  it('have each key in one file only', () => {
    expect(areas.flatMap((area) => Object.keys(readArea('en', area))).toSorted()).toEqual(keys.toSorted());
  });

  it('have no empty text', () => {
    for (const texts of [en, id]) {
      expect(Object.entries(texts).filter(([, text]) => text.trim() === '')).toEqual([]);
    }
  });

  it('are valid ICU messages with the same placeholders in every language', () => {
    for (const key of keys) {
      expect({ key, names: placeholders(id[key] ?? '') }).toEqual({
        key,
        names: placeholders(en[key] ?? ''),
      });
    }
  });

  it('have no English left in the Indonesian files', () => {
    const english =
      /\b(the|and|you|your|this|that|with|please|sorry|is|are|not|for|of|send|write|try|again)\b/i;
    const withoutCode = (text: string): string => text.replace(/`[^`]*`|\/[a-z]+/g, '');
    expect(keys.filter((key) => english.test(withoutCode(id[key] ?? '')))).toEqual([]);
    const sameByNature = /^language\.\w+$/;
    const copied = keys.filter(
      (key) => !sameByNature.test(key) && en[key] === id[key] && /\s/.test(en[key] ?? ''),
    );
    expect(copied).toEqual([]);
  });
});

describe('the use of the texts', () => {
  const files = sources();

  it('leaves none unused', () => {
    const all = files.map((file) => file.text).join('\n');
    const isQuoted = (key: string): boolean =>
      [`'${key}'`, `"${key}"`, `\`${key}\``].some((k) => all.includes(k));
    expect(keys.filter((key) => !isQuoted(key))).toEqual([]);
  });

  it('gives every placeholder its value', () => {
    const withPlaceholders = keys.filter((key) => placeholders(en[key] ?? '').length > 0);
    const forgotten = files
      .filter(({ path, text }) => path.endsWith('.ts') && withPlaceholders.some((key) => text.includes(key)))
      .flatMap((file) =>
        translationCalls(file.path, file.text)
          .filter(
            ({ key, given }) =>
              given !== 'unknown' && placeholders(en[key] ?? '').some((n) => !given.includes(n)),
          )
          .map(({ key }) => `${file.path}: ${key}`),
      );
    expect(forgotten).toEqual([]);
  });
});
