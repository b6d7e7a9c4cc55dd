import type { Text } from '../../../src/knowledge/understanding/matching/features.js';
import { splitSentences } from '../../../src/knowledge/understanding/words/sentences.js';
import { loadClinc, loadFacqa, loadStackFaq, loadXquadAnswers } from '../../knowledge/search/datasets.js';
import { seeded, shuffled } from './fit.js';
import type { Pool, Question } from './pool.js';

/** The share of subjects left out of a pool: messages about them have no answer in it. */
const LEFT_OUT = 1 / 3;
const QUESTIONS_A_POOL = 110;

/** Businesses made from public sets, with 15 to 60 texts each. The same in every run. */
export function publicPools(): readonly Pool[] {
  const random = seeded(8);
  return [...stackPools(random), ...clincPools(random), ...xquadPools(random), ...facqaPools(random)];
}

interface Subject {
  readonly texts: readonly Text[];
  readonly questions: readonly { readonly text: string; readonly isIn: (text: Text) => boolean }[];
}

function poolOf(source: string, subjects: readonly Subject[], random: () => number): Pool {
  const shuffledSubjects = shuffled(subjects, random);
  const out = new Set(shuffledSubjects.slice(0, Math.round(subjects.length * LEFT_OUT)));
  const texts: Text[] = [];
  const questions: Question[] = [];
  for (const subject of shuffledSubjects) {
    const start = texts.length;
    if (!out.has(subject)) texts.push(...subject.texts);
    for (const { text, isIn } of subject.questions) {
      const right = out.has(subject) ? [] : subject.texts.flatMap((own, i) => (isIn(own) ? [start + i] : []));
      if (out.has(subject) || right.length > 0) questions.push({ text, right: new Set(right) });
    }
  }
  return { source, texts, questions: shuffled(questions, random).slice(0, QUESTIONS_A_POOL) };
}

function groups<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.max(1, Math.floor(items.length / size));
  return Array.from({ length: count }, (_, i) => items.filter((_item, j) => j % count === i));
}

const all = (): boolean => true;

function stackPools(random: () => number): Pool[] {
  const { pairs, queries } = loadStackFaq();
  const threads = new Map<number, Subject>();
  for (const { question, answer, thread } of pairs) {
    if (threads.has(thread)) continue;
    threads.set(thread, {
      texts: [{ kind: 'entry', head: question, body: answer, context: '' }],
      questions: queries.filter((query) => query.thread === thread).map(({ text }) => ({ text, isIn: all })),
    });
  }
  return groups(shuffled([...threads.values()], random), 40).map((own) => poolOf('StackFAQ', own, random));
}

const PHRASES_AN_INTENT = 8;

function clincPools(random: () => number): Pool[] {
  const intents = new Map<string, string[]>();
  for (const [text, intent] of shuffled(loadClinc().train, random)) {
    intents.set(intent, [...(intents.get(intent) ?? []), text]);
  }
  const subjects = [...intents.values()].map(([head = '', ...phrasings]): Subject => ({
    texts: [{ kind: 'entry', head, body: '', context: '' }],
    questions: phrasings.slice(0, PHRASES_AN_INTENT).map((text) => ({ text, isIn: all })),
  }));
  return groups(shuffled(subjects, random), 45).map((own) => poolOf('CLINC150', own, random));
}

function xquadPools(random: () => number): Pool[] {
  const { passages, answerable } = loadXquadAnswers('tuning');
  const subjects = passages.map((passage, position): Subject => ({
    texts: splitSentences(passage).map((body) => ({ kind: 'passage', head: '', body, context: passage })),
    questions: answerable
      .filter((entry) => entry.passage === position)
      .map(({ text, gold }) => ({ text, isIn: ({ body }) => gold.some((answer) => body.includes(answer)) })),
  }));
  return groups(shuffled(subjects, random), 14).map((own) => poolOf('XQuAD', own, random));
}

function facqaPools(random: () => number): Pool[] {
  const { passages, queries } = loadFacqa();
  const subjects = passages.map(({ text }, position): Subject => ({
    texts: [{ kind: 'passage', head: '', body: text, context: '' }],
    questions: queries
      .filter(({ relevant }) => relevant.has(position))
      .map((query) => ({ text: query.text, isIn: all })),
  }));
  return groups(shuffled(subjects, random), 60).map((own) => poolOf('FacQA', own, random));
}
