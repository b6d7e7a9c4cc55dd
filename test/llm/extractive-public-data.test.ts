import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Locale } from '../../src/contracts/message.js';
import type { UserPart } from '../../src/contracts/model.js';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { collect, textOf } from '../contracts/language-model.js';

const folder = join(projectRoot, '../shared/data/retrieval');
const analyzer = createAnalyzer({ keepQuestionWords: false });
const model = createExtractiveModel({
  terms: (text, locale) => analyzer.terms(text, locale),
  lead: () => '',
});

interface Example {
  readonly question: string;
  readonly passage: string;
  readonly answer: string;
}

const xquad = z.object({
  data: z.array(
    z.object({
      paragraphs: z.array(
        z.object({
          context: z.string(),
          qas: z.array(z.object({ question: z.string(), answers: z.array(z.object({ text: z.string() })) })),
        }),
      ),
    }),
  ),
});

function english(): readonly Example[] {
  const { data } = xquad.parse(JSON.parse(readFileSync(join(folder, 'xquad.en.json'), 'utf8')));
  return data.flatMap(({ paragraphs }) =>
    paragraphs.flatMap(({ context, qas }) =>
      qas.slice(0, 1).map(({ question, answers }) => ({
        question,
        passage: context,
        answer: answers[0]?.text ?? '',
      })),
    ),
  );
}

const facqa = z.array(z.object({ question: z.string(), passage: z.string(), seq_label: z.string() }));

function indonesian(): readonly Example[] {
  const rows = facqa.parse(parse(readFileSync(join(folder, 'facqa-id/valid.csv')), { columns: true }));
  return rows.map((row) => {
    const words = pythonList(row.passage);
    const labels = pythonList(row.seq_label);
    return {
      question: pythonList(row.question).join(' '),
      passage: words.join(' '),
      answer: words.filter((_, index) => labels[index] !== 'O').join(' '),
    };
  });
}

function pythonList(text: string): readonly string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gu)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

async function ask(passages: readonly string[], question: string, locale: Locale): Promise<string> {
  const data = passages.map((text, index): UserPart => ({
    type: 'data',
    kind: 'document',
    citation: index + 1,
    title: 'd',
    text,
  }));
  const parts: readonly UserPart[] = [...data, { type: 'text', text: question }];
  const request = { system: '', messages: [{ role: 'user', parts } as const], maxOutputTokens: 100, locale };
  return textOf(await collect(model.stream(request, new AbortController().signal)));
}

const EXAMPLES = 150;

async function measure(
  all: readonly Example[],
  locale: Locale,
): Promise<{ readonly answered: number; readonly precision: number; readonly falseAnswers: number }> {
  const examples = all.slice(0, EXAMPLES);
  let quoted = 0;
  let right = 0;
  let falseAnswers = 0;
  for (const [index, { question, passage, answer }] of examples.entries()) {
    const others = [1, 2, 3, 4].map((step) => examples[(index + step * 37) % examples.length]?.passage ?? '');
    const text = await ask([...others.slice(0, 2), passage, ...others.slice(2)], question, locale);
    if (text !== '') quoted += 1;
    if (text.includes('[3]') && text.includes(answer)) right += 1;
    if ((await ask(others, question, locale)) !== '') falseAnswers += 1;
  }
  return {
    answered: quoted / examples.length,
    precision: right / quoted,
    falseAnswers: falseAnswers / examples.length,
  };
}

const isThere = existsSync(folder);
if (!isThere) process.stdout.write(`skipped: no public data in ${folder}\n`);

describe.skipIf(!isThere)('the extractive model on questions it was not written for', () => {
  it.each([
    ['Indonesian (FacQA)', 'id', indonesian],
    ['English (XQuAD)', 'en', english],
  ] as const)(
    'answers most of them rightly and never from passages without the answer: %s',
    async (_name, locale, load) => {
      const result = await measure(load(), locale);
      expect(result.answered).toBeGreaterThan(0.55);
      expect(result.precision).toBeGreaterThan(0.88);
      expect(result.falseAnswers).toBeLessThan(0.02);
    },
  );
});
