import { createHash } from 'node:crypto';

/**
 * The id of a message, made from the key of its bubble: the same bubble sent again has the same
 * id, and phones show an id once. In the form that the library's own ids have.
 */
export function messageIdOf(accountId: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, key]))
    .digest('hex');
  return `3EB0${digest.slice(0, 18).toUpperCase()}`;
}
