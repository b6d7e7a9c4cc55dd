import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { projectRoot } from '../../../src/lib/project-root.js';

const folder = join(projectRoot, '..', 'shared', 'data');

/** Passages, and questions with the positions of the relevant passages. */
export interface RetrievalSet {
  readonly passages: readonly { readonly title: string; readonly text: string }[];
  readonly queries: readonly { readonly text: string; readonly relevant: ReadonlySet<number> }[];
}

/** Whether the public data sets are beside the project; prints a note if they are not. */
export function hasDataSets(): boolean {
  if (existsSync(folder)) return true;
  process.stdout.write('skipped: the public data sets are not in ../shared/data\n');
  return false;
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

const xquad = z.object({
  data: z.array(
    z.object({
      paragraphs: z.array(
        z.object({ context: z.string(), qas: z.array(z.object({ question: z.string() })) }),
      ),
    }),
  ),
});

export function loadXquad(): RetrievalSet {
  const paragraphs = xquad
    .parse(JSON.parse(read('retrieval/xquad.en.json')))
    .data.flatMap((d) => d.paragraphs);
  return {
    passages: paragraphs.map(({ context }) => ({ title: '', text: context })),
    queries: paragraphs.flatMap(({ qas }, i) =>
      qas.map(({ question }) => ({ text: question, relevant: new Set([i]) })),
    ),
  };
}

/** Grades 1 to 4 count as relevant, as in most published figures; queries are numbered by position. */
export function loadCranfield(): RetrievalSet {
  const fields = (record: string, field: string): string =>
    new RegExp(`^\\.${field}\\s*\\n([\\s\\S]*?)(?=^\\.[A-Z]\\b|$(?![\\s\\S]))`, 'm')
      .exec(record)?.[1]
      ?.trim() ?? '';
  const records = (path: string): string[] =>
    read(path)
      .split(/^\.I \d+\s*$/m)
      .slice(1);
  const relevant = new Map<number, Set<number>>();
  for (const line of read('retrieval/cranfield/cranqrel').trim().split('\n')) {
    const [query = 0, document = 0, grade = 0] = line.trim().split(/\s+/).map(Number);
    if (grade < 1) continue;
    relevant.set(query, (relevant.get(query) ?? new Set<number>()).add(document - 1));
  }
  return {
    passages: records('retrieval/cranfield/cran.all.1400').map((record) => ({
      title: fields(record, 'T'),
      text: fields(record, 'W'),
    })),
    queries: records('retrieval/cranfield/cran.qry').map((record, i) => ({
      text: fields(record, 'W'),
      relevant: relevant.get(i + 1) ?? new Set<number>(),
    })),
  };
}

const facqaRow = z.object({ question: z.string(), passage: z.string() });

/** The questions of the validation half, over the passages of that half. */
export function loadFacqa(): RetrievalSet {
  const rows = z.array(facqaRow).parse(parse(read('retrieval/facqa-id/valid.csv'), { columns: true }));
  const words = (list: string): string =>
    list
      .slice(2, -2)
      .split(/['"], ['"]/)
      .join(' ');
  const passages = [...new Set(rows.map(({ passage }) => words(passage)))];
  return {
    passages: passages.map((text) => ({ title: '', text })),
    queries: rows.map(({ question, passage }) => ({
      text: words(question),
      relevant: new Set([passages.indexOf(words(passage))]),
    })),
  };
}

/** Passages with questions, and what a right answer to each contains. */
export interface AnswerSet {
  readonly passages: readonly string[];
  readonly answerable: readonly {
    readonly text: string;
    readonly passage: number;
    readonly gold: readonly string[];
  }[];
}

const xquadAnswers = z.object({
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

/** The halves take alternate articles, so that they share no subject. */
export function loadXquadAnswers(half: 'tuning' | 'reporting'): AnswerSet {
  const paragraphs = xquadAnswers
    .parse(JSON.parse(read('retrieval/xquad.en.json')))
    .data.filter((_, article) => article % 2 === (half === 'tuning' ? 0 : 1))
    .flatMap((article) => article.paragraphs);
  return {
    passages: paragraphs.map(({ context }) => context),
    answerable: paragraphs.flatMap(({ qas }, passage) =>
      qas.map(({ question, answers }) => ({
        text: question,
        passage,
        gold: answers.map(({ text }) => text),
      })),
    ),
  };
}

const facqaAnswer = z.object({ question: z.string(), passage: z.string(), seq_label: z.string() });
/** The validation file has this many rows; as many are taken from the training file. */
const FACQA_ROWS = 311;

/** Answers are the labelled tokens; questions without any are left out. */
export function loadFacqaAnswers(half: 'tuning' | 'reporting'): AnswerSet {
  const file = half === 'tuning' ? 'train' : 'valid';
  const rows = z
    .array(facqaAnswer)
    .parse(parse(read(`retrieval/facqa-id/${file}.csv`), { columns: true }))
    .slice(0, FACQA_ROWS);
  const tokens = rows.map((row) => pythonList(row.passage));
  const passages = [...new Set(tokens.map((words) => words.join(' ')))];
  const answerable = rows.flatMap((row, index) => {
    const words = tokens[index] ?? [];
    const labels = pythonList(row.seq_label);
    const gold = words.filter((_, at) => labels[at] !== 'O').join(' ');
    if (gold === '') return [];
    const text = pythonList(row.question).join(' ');
    return { text, passage: passages.indexOf(words.join(' ')), gold: [gold] };
  });
  return { passages, answerable };
}

function pythonList(text: string): readonly string[] {
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gu)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const stackfaq = z.object({
  root: z.object({
    qapair: z.array(
      z.object({ question: z.string(), answer: oneOrMore, rephr: z.array(z.string().nullable()).nullable() }),
    ),
  }),
});

export interface FaqSet {
  /** Question-answer pairs; a thread with several answers yields several. */
  readonly pairs: readonly { readonly question: string; readonly answer: string; readonly thread: number }[];
  readonly queries: readonly { readonly text: string; readonly thread: number }[];
}

export function loadStackFaq(): FaqSet {
  const threads = stackfaq.parse(JSON.parse(read('faq/stackfaq.json'))).root.qapair;
  return {
    pairs: threads.flatMap(({ question, answer }, thread) =>
      answer.map((text) => ({ question, answer: text, thread })),
    ),
    queries: threads.flatMap(({ rephr }, thread) =>
      (rephr ?? []).flatMap((text) => (text === null || text === '*' ? [] : { text, thread })),
    ),
  };
}

const clinc = z.object({
  train: z.array(z.tuple([z.string(), z.string()])),
  oos_val: z.array(z.tuple([z.string(), z.string()])),
  oos_test: z.array(z.tuple([z.string(), z.string()])),
  val: z.array(z.tuple([z.string(), z.string()])),
  test: z.array(z.tuple([z.string(), z.string()])),
});

export function loadClinc(): z.infer<typeof clinc> {
  return clinc.parse(JSON.parse(read('intent/clinc150.json')));
}

/** Strings known to break programs. */
export function loadNaughtyStrings(): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(read('hostile/blns.json')));
}
