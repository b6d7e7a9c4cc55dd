import { createHash } from 'node:crypto';

/**
 * Derives a message's id from the key of its bubble: a bubble sent again keeps its id, and phones show each
 * id once. Has the form of the library's own ids.
 */
export function messageIdOf(accountId: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, key]))
    .digest('hex');
  return `3EB0${digest.slice(0, 18).toUpperCase()}`;
}
