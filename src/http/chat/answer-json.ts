import { z } from 'zod';
import type { Bubble, Citation, PendingAction, Turn } from '../../contracts/turn.js';
import { localeSchema, timeSchema } from '../../lib/api/fields.js';

export const citationSchema = z.object({
  n: z.int(),
  document_id: z.string(),
  chunk_id: z.string(),
  title: z.string(),
  quote: z.string(),
  score: z.number(),
});

export const sourceSchema = z.enum(['faq', 'knowledge', 'model', 'tool', 'command', 'fallback', 'human']);

const bubbleSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('file'),
    text: z.string().describe('The caption; may be empty'),
    file: z.object({ id: z.string(), name: z.string(), media_type: z.string(), size_bytes: z.int() }),
  }),
]);

const confirmationSchema = z.object({
  id: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  summary: z.string(),
  expires_at: timeSchema,
});

export const answerSchema = z.object({
  conversation_id: z.string(),
  message_id: z.string(),
  answer: z.string().describe('The whole text; empty while a person answers'),
  bubbles: z.array(bubbleSchema),
  source: sourceSchema,
  citations: z.array(citationSchema),
  choices: z
    .array(z.object({ label: z.string(), send: z.string().describe('What the next message says') }))
    .optional()
    .describe('Where the bot asks which is meant'),
  pending_confirmation: confirmationSchema
    .optional()
    .describe('Where it asks whether it may: see `/chat/confirmations/{id}`'),
  locale: localeSchema,
  model: z.string().describe('`provider:model`, or `faq`, `command`, `none`'),
  usage: z.object({ input_tokens: z.int(), output_tokens: z.int(), cost_micros: z.int() }),
});

export const answerExample = {
  conversation_id: 'c_8Zc1r9sYQ2mVw0bXkT3uPg',
  message_id: 't_Vb0n5xJQ7yLr2dHfE8sKaw',
  answer: 'We are open from 09:00 to 17:00 on weekdays. [1]',
  bubbles: [{ type: 'text', text: 'We are open from 09:00 to 17:00 on weekdays. [1]' }],
  source: 'knowledge',
  citations: [
    {
      n: 1,
      document_id: 'hours',
      chunk_id: 'hours:0',
      title: 'Opening hours',
      quote: 'Weekdays 09:00-17:00',
      score: 0.92,
    },
  ],
  locale: 'en',
  model: 'extractive:extractive',
  usage: { input_tokens: 0, output_tokens: 0, cost_micros: 0 },
};

export function citationJson(citation: Citation): z.output<typeof citationSchema> {
  const { n, documentId, chunkId, title, quote, score } = citation;
  return { n, document_id: documentId, chunk_id: chunkId, title, quote, score };
}

/** Nothing can be edited for a waiting caller, so an edit bubble becomes a text. */
export function bubbleJson(bubble: Bubble): z.output<typeof bubbleSchema> {
  if (bubble.type !== 'file') return { type: 'text', text: bubble.text };
  const { id, fileName, mediaType, sizeBytes } = bubble.file;
  return {
    type: 'file',
    text: bubble.text,
    file: { id, name: fileName, media_type: mediaType, size_bytes: sizeBytes },
  };
}

export function confirmationJson(action: PendingAction): z.output<typeof confirmationSchema> {
  const { id, tool, summary, expiresAt } = action;
  return { id, tool, arguments: { ...action.arguments }, summary, expires_at: expiresAt.toISOString() };
}

/** A turn as the API presents it; `message_id` is the turn's own id. */
export function answerJson(turn: Turn): z.output<typeof answerSchema> {
  const { answer } = turn;
  return {
    conversation_id: turn.conversationId,
    message_id: turn.id,
    answer: answer.text,
    bubbles: answer.bubbles.map(bubbleJson),
    source: answer.source,
    citations: answer.citations.map(citationJson),
    ...(answer.choices === undefined
      ? {}
      : { choices: answer.choices.map(({ label, send }) => ({ label, send })) }),
    ...(answer.confirmation === undefined
      ? {}
      : { pending_confirmation: confirmationJson(answer.confirmation) }),
    locale: answer.locale,
    model: answer.model,
    usage: {
      input_tokens: answer.usage.inputTokens,
      output_tokens: answer.usage.outputTokens,
      cost_micros: answer.usage.costMicros,
    },
  };
}
