import { createHash } from 'node:crypto';
import type { AccountState } from '../../../src/contracts/channel.js';
import { fromBytes, toBytes } from './json-bytes.js';

/**
 * Number of slots for sent messages, which phones that could not read them may request for days. A newer
 * message whose id hashes to the same slot replaces the old one, so nothing needs cleaning up.
 */
const PLACES = 1024;

/** Sent messages by id, to be sent again if a phone asks. */
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
