import type { Feedback } from '../contracts/stores.js';

/** A rating in the form sent to webhooks. */
export function feedbackData(
  messageId: string,
  { rating, comment }: Feedback,
): Readonly<Record<string, unknown>> {
  return { message_id: messageId, rating, ...(comment === undefined ? {} : { comment }) };
}
