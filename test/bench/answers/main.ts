import { median } from '../kit/statistics.js';
import { openAnsweringService } from './answering-service.js';
import { questionSets, type AnswerableQuestion, type QuestionSet } from './question-sets.js';
import { rivals } from './rivals.js';

/**
 * What people get without an API key: how often the quote contains the answer, and how often the bot refuses,
 * rightly or wrongly. `SAPA_BENCH_HALF=tuning` shows the half that the thresholds were chosen on; the other
 * half is the one to publish.
 */
export async function answersBench(): Promise<void> {
  const half = process.env['SAPA_BENCH_HALF'] === 'tuning' ? 'tuning' : 'reporting';
  for (const set of questionSets(half)) {
    console.log(
      `\nanswers, ${set.name} (${half} half): ${set.passages.length} documents, ` +
        `${set.answerable.length} questions they answer, ${set.foreign.length} they do not`,
    );
    await measure(set);
  }
}

interface Outcome {
  readonly isRight: boolean;
  readonly isRefused: boolean;
  readonly isFromRightDocument: boolean;
  readonly length: number;
}

async function measure(set: QuestionSet): Promise<void> {
  const service = await openAnsweringService(set);
  try {
    const outcomes: Outcome[] = [];
    let withheldRefused = 0;
    let foreignRefused = 0;
    for (const question of set.answerable) {
      const { text, passage } = await service.ask(question.text);
      outcomes.push(judge(question, text, passage));
      if ((await service.ask(question.text, question.passage)).text === '') withheldRefused += 1;
    }
    for (const text of set.foreign) if ((await service.ask(text)).text === '') foreignRefused += 1;
    printOutcomes('sapa', outcomes);
    console.log(
      `  sapa refuses: ${share(foreignRefused, set.foreign.length)} of questions about other things, ` +
        `${share(withheldRefused, set.answerable.length)} when the document with the answer is taken away`,
    );
  } finally {
    await service.close();
  }
  for (const rival of rivals(set.passages)) {
    printOutcomes(
      rival.name,
      set.answerable.map((question) => judge(question, rival.answer(question.text), undefined)),
    );
  }
}

function judge({ gold, passage }: AnswerableQuestion, text: string, cited: number | undefined): Outcome {
  const plainText = plain(text);
  return {
    isRight: gold.some((answer) => plainText.includes(plain(answer))),
    isRefused: text === '',
    isFromRightDocument: cited === passage,
    length: text.length,
  };
}

function printOutcomes(name: string, outcomes: readonly Outcome[]): void {
  const answered = outcomes.filter(({ isRefused }) => !isRefused);
  const right = answered.filter(({ isRight }) => isRight);
  const fromRight = answered.filter(({ isFromRightDocument }) => isFromRightDocument);
  const document =
    fromRight.length === 0 ? '' : `, right document ${share(fromRight.length, answered.length)}`;
  console.log(
    `  ${name}: answer in the quote ${share(right.length, outcomes.length)}, ` +
      `refused ${share(outcomes.length - answered.length, outcomes.length)}, ` +
      `of what is said right ${share(right.length, answered.length)}${document}; ` +
      `quote ${median(answered.map(({ length }) => length))} characters`,
  );
}

function share(part: number, whole: number): string {
  return (part / Math.max(1, whole)).toFixed(3);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/gu, ' ');
}
