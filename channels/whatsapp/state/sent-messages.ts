import { createHash } from 'node:crypto';
import type { AccountState } from '../../../src/contracts/channel.js';
import { fromBytes, toBytes } from './json-bytes.js';

/**
 * Phones that could not read a message ask for it again, for days. So many are kept: a place is
 * taken over by a newer message whose id falls on it, and nothing ever has to be cleaned up.
 */
const PLACES = 1024;

/** What was sent, to be sent again when a phone asks: the messages themselves, by id. */
export interface SentMessages {
  put(id: string, message: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | undefined>;
}

export function createSentMessages(state: AccountState): SentMessages {
  return {
    put: (id, message) => state.write(new Map([[placeOf(id), toBytes({ id, message })]])),
    async get(id) {
      const place = placeOf(id);
      const bytes = (await state.read([place])).get(place);
      const stored = bytes && (fromBytes(bytes) as { readonly id?: string; readonly message?: Uint8Array });
      return stored && stored.id === id ? stored.message : undefined;
    },
  };
}

function placeOf(id: string): string {
  return `sent/${createHash('sha256').update(id).digest().readUInt32BE(0) % PLACES}`;
}
