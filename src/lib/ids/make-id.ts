import { createHash, randomUUID } from 'node:crypto';
import type { MakeId } from '../../contracts/runtime.js';

const ID_BYTES = 16;

/** From a UUID, because Node draws the randomness of many at once; `randomBytes` asks the system each time. */
export const makeId: MakeId = (prefix) => {
  const bytes = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
  return `${prefix}_${bytes.toString('base64url')}`;
};

/**
 * The same parts always produce the same id; parts are length-prefixed so that different lists cannot
 * collide.
 */
export function derivedId(prefix: string, ...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return `${prefix}_${hash.digest().subarray(0, ID_BYTES).toString('base64url')}`;
}
