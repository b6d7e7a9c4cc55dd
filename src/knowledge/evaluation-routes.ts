import { z } from 'zod';
import type { AnswerFinder } from '../contracts/answers.js';
import type { KnowledgeService } from '../contracts/knowledge.js';
import type { Clock, MakeId } from '../contracts/runtime.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idSchema, listSchema, textSchema, timeSchema } from '../lib/api/fields.js';
import { listAnswer } from '../lib/api/page.js';
import { defineRoute, json, type Route } from '../lib/api/route.js';
import { evaluate, type Evaluation } from './evaluation.js';
import { evaluationStore } from './evaluation-store.js';

/** Few enough to evaluate while the caller waits. */
const MOST_QUESTIONS = 200;
const TIMEOUT_MS = 60_000;

const bodySchema = z.strictObject({
  questions: z
    .array(z.strictObject({ question: textSchema(2000), document_id: idSchema }))
    .min(1)
    .max(MOST_QUESTIONS),
});

const partSchema = z.number().describe('0..1');
const evaluationSchema = z.object({
  id: z.string(),
  questions: z.int(),
  recall: z.object({ '1': partSchema, '3': partSchema, '5': partSchema, '10': partSchema }),
  ndcg_10: partSchema,
  refusals: z.int().describe('Questions to which the answer would be that it is not known'),
  missed: z.array(z.string()).describe('Questions whose document was not among the first ten'),
  created_at: timeSchema,
});

const example = {
  id: 'evaluation_5mQ0x7cWb2nVrT8sYkLd1A',
  questions: 2,
  recall: { '1': 0.5, '3': 1, '5': 1, '10': 1 },
  ndcg_10: 0.82,
  refusals: 0,
  missed: [],
  created_at: '2026-01-05T02:00:00.000Z',
};

function evaluationJson(evaluation: Evaluation): z.output<typeof evaluationSchema> {
  const { ndcg10, createdAt, missed, ...rest } = evaluation;
  return { ...rest, missed: [...missed], ndcg_10: ndcg10, created_at: createdAt.toISOString() };
}

export interface EvaluationRouteNeeds {
  readonly knowledge: Pick<KnowledgeService, 'retriever'>;
  readonly finder: Pick<AnswerFinder, 'find'>;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

/** Measures how well the business's own questions find the documents that answer them. */
export function evaluationRoutes({ knowledge, finder, clock, makeId }: EvaluationRouteNeeds): Route[] {
  const common = { auth: 'tenant', tag: 'knowledge', path: '/v1/kb/evaluations' } as const;
  return [
    defineRoute({
      ...common,
      method: 'POST',
      summary: 'Evaluate how well questions find their documents',
      body: jsonBody(bodySchema, {
        questions: [{ question: 'shipping to Surabaya', document_id: 'shipping' }],
      }),
      responses: { 201: { description: 'Measured and kept', schema: evaluationSchema, example } },
      async handler({ body, access: { scope } }) {
        const judgements = body.questions.map(({ question, document_id: documentId }) => ({
          question,
          documentId,
        }));
        const tools = { retriever: knowledge.retriever(scope), finder };
        const measured = await evaluate(scope, judgements, tools, AbortSignal.timeout(TIMEOUT_MS));
        const evaluation = { ...measured, id: makeId('evaluation'), createdAt: clock.now() };
        await scope.store(evaluationStore).insert(evaluation);
        return json(201, evaluationJson(evaluation));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      summary: 'List evaluations, newest first',
      responses: {
        200: {
          description: 'The newest hundred',
          schema: listSchema(evaluationSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ access: { scope } }) {
        return listAnswer({ items: await scope.store(evaluationStore).newest() }, evaluationJson);
      },
    }),
  ];
}
