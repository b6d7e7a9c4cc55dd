import { haveSameMeaning } from '../../../src/knowledge/understanding/matching/look.js';
import { toPossibleAnswer } from '../../../src/knowledge/understanding/possible-answer.js';
import { indexOf } from '../../knowledge/understanding/business.js';
import type { Business, Judge } from '../judge.js';
import type { Pool, Question } from './pool.js';

/** A business with the answers by which its questions are judged. */
export async function businessPool(business: Business, judge: Judge): Promise<Pool> {
  const index = await indexOf({
    faq: business.faq,
    documents: business.documents.map((each) => ({ ...each, isTable: each.file?.endsWith('.csv') === true })),
  });
  const said = index.items.map(
    (item) =>
      toPossibleAnswer(
        item,
        { terms: [], asksAmount: false, asksStock: false, days: new Set() },
        index.lexicon,
      ).text,
  );
  const questions = business.questions
    .filter(({ kind, from, after }) => kind !== 'talk' && from !== 'hours' && after === undefined)
    .map((question): Question => {
      const right = said.flatMap((answer, position) =>
        question.kind === 'answer' && isRight(business, question, answer, judge) ? [position] : [],
      );
      return { text: question.q, right: new Set(right) };
    });
  const texts = index.items.map(({ text }) => text);
  return { source: business.id, texts, questions, haveSameMeaning: twinsOf(index) };
}

function twinsOf({ items, lexicon }: Awaited<ReturnType<typeof indexOf>>): Pool['haveSameMeaning'] {
  return (one, other) => {
    const [a, b] = [items[one], items[other]];
    return a !== undefined && b !== undefined && haveSameMeaning(a, b, lexicon);
  };
}

function isRight(
  business: Business,
  question: Business['questions'][number],
  answer: string,
  judge: Judge,
): boolean {
  const chatAnswer = { answer, source: 'knowledge', citations: [{}] };
  return judge.judge(business, question, chatAnswer).verdict === 'right';
}
