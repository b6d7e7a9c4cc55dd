import { z } from 'zod';
import { idSchema, localeSchema, textSchema } from '../../lib/api/fields.js';

const LONGEST_MESSAGE = 16_000;

const messageSchema = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.string().max(100_000),
});

const chatFields = {
  messages: z
    .array(messageSchema)
    .min(1)
    .max(200)
    .describe('The last one is the new message; the service keeps the history, so earlier ones are not read')
    .transform((messages, context) => {
      const last = messages.at(-1);
      const path = messages.length - 1;
      if (last?.role !== 'user') {
        context.addIssue({
          code: 'custom',
          path: [path, 'role'],
          message: 'the last message must be of role user',
        });
        return '';
      }
      const text = textSchema(LONGEST_MESSAGE).safeParse(last.content);
      if (text.success) return text.data;
      for (const { message } of text.error.issues) {
        context.addIssue({ code: 'custom', path: [path, 'content'], message });
      }
      return '';
    }),
  locale: localeSchema
    .optional()
    .describe('Language the person prefers; found out from the text when absent'),
  conversation_id: idSchema.optional().describe('An existing conversation to go on with'),
};

export const chatBodySchema = z.strictObject({
  user_id: idSchema.describe('Your id of the person'),
  ...chatFields,
  channel: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'lower-case letters, digits, - and _')
    .optional()
    .describe('Where the person writes, for your records'),
});

/** The person is identified by the token. */
export const webChatBodySchema = z.strictObject(chatFields);

export type ChatFields = z.output<typeof webChatBodySchema>;

export const feedbackBodySchema = z.strictObject({
  rating: z.enum(['up', 'down']),
  comment: z.string().max(2000).optional(),
});
