import {
  loadJudge,
  loadShared,
  OWN_BUSINESSES,
  SHARED_BUSINESSES,
  type Business,
  type BusinessQuestion,
} from '../judge.js';
import { startService } from '../start-service.js';
import type { Api, Check } from '../ask-businesses.js';
import { startRecordingServer } from './recording-server.js';

interface Facts {
  plain(text: string): string;
  holds(text: string, facts: readonly string[]): boolean;
  hoursIn(business: Business, question: BusinessQuestion, text: string): boolean;
}

/**
 * Prompt budgets; the small one imitates knowledge that does not fit, so that only the best of it is given.
 */
const BUDGETS = [8_000, 1_000] as const;

/**
 * Of the questions with an answer, the share for which it is among what the model is given or was already
 * answered rightly without it; of all questions, the share answered wrongly without asking the model.
 */
export async function measurePrompts(
  only: readonly string[] = [],
): Promise<Readonly<Record<string, number>>> {
  const judge = await loadJudge();
  if (judge === undefined) return {};
  const check = (await loadShared('check.mjs')) as Check;
  const facts = (await loadShared('judge.mjs')) as Facts;
  const businesses = [
    ...judge.readBusinesses(OWN_BUSINESSES),
    ...judge.readBusinesses(SHARED_BUSINESSES),
  ].filter(({ id }) => only.length === 0 || only.includes(id));
  const figures: Record<string, number> = {};
  for (const budget of BUDGETS) {
    const model = await startRecordingServer();
    const service = await startService({
      LLM_SERVERS: JSON.stringify([
        { name: 'recorder', base_url: model.url, model: 'recorder', context_tokens: 200_000 },
      ]),
      LLM_CHAIN: 'recorder:recorder',
    });
    try {
      const api = check.connect(service.url, service.key);
      const all = { asked: 0, given: 0, questions: 0, wrong: 0 };
      for (const business of businesses) {
        const counts = await measureOne({ business, budget, api, check, facts, promptFor: model.promptFor });
        for (const name of ['asked', 'given', 'questions', 'wrong'] as const) all[name] += counts[name];
        console.log(
          `${business.id}, ${budget} tokens: ${share(counts.given, counts.asked)} given, ${share(counts.wrong, counts.questions)} wrong without the model`,
        );
      }
      figures[`model, ${budget} tokens: fact given`] = (100 * all.given) / Math.max(1, all.asked);
      figures[`model, ${budget} tokens: not wrong without it`] =
        100 - (100 * all.wrong) / Math.max(1, all.questions);
    } finally {
      await service.stop();
      await model.close();
    }
  }
  return figures;
}

function share(part: number, whole: number): string {
  return `${part} of ${whole} (${((100 * part) / Math.max(1, whole)).toFixed(1)} %)`;
}

async function measureOne({
  business,
  budget,
  api,
  check,
  facts,
  promptFor,
}: {
  readonly business: Business;
  readonly budget: number;
  readonly api: Api;
  readonly check: Check;
  readonly facts: Facts;
  readonly promptFor: (question: string) => string | undefined;
}): Promise<{ asked: number; given: number; questions: number; wrong: number }> {
  const settings = { ...business.settings, knowledge: { prompt_tokens: budget } };
  const tenant = await check.setUp(api, { ...business, settings }, `given-${budget}-${business.id}`);
  const results = await check.askAll(api, business, tenant);
  const counts = { asked: 0, given: 0, questions: results.length, wrong: 0 };
  for (const { q, verdict, answer } of results) {
    const prompt = promptFor(q.q);
    if (prompt === undefined && verdict === 'wrong') {
      counts.wrong += 1;
      console.log(`  wrong without the model: ${q.q} -> ${answer ?? ''}`);
    }
    if (q.kind !== 'answer') continue;
    counts.asked += 1;
    const isGiven =
      prompt === undefined
        ? verdict === 'right' || verdict === 'choice'
        : q.from === 'hours'
          ? facts.hoursIn(business, q, prompt)
          : facts.holds(facts.plain(prompt), q.facts ?? []);
    if (isGiven) counts.given += 1;
    else console.log(`  not given: ${q.q} (${q.from ?? ''}: ${(q.facts ?? []).join(' & ')})`);
  }
  return counts;
}
