import { createHash, createHmac, randomBytes } from 'node:crypto';
import { StoreError } from '../contracts/stores.js';
import { decrypt, encrypt } from '../lib/encrypt.js';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 6;

/** What a secret belongs to. It cannot be opened anywhere else, so a moved ciphertext is worthless. */
export interface SealedPlace {
  readonly tenantId: string;
  readonly recordId: string;
  readonly field: string;
}

/** A stored secret: its own data key, wrapped by the master key, and the content. */
export interface SealedSecret {
  /** Identifies the master key, so that it can be changed record by record. */
  readonly keyId: string;
  /** Base64 of nonce, ciphertext and tag. */
  readonly wrappedKey: string;
  /** Base64 of nonce, ciphertext and tag. */
  readonly content: string;
}

/** Envelope encryption with AES-256-GCM: the master key wraps a fresh key per record. */
export class Sealer {
  readonly keyId: string;
  readonly #masterKey: Buffer;

  constructor(masterKey: Uint8Array) {
    if (masterKey.byteLength !== KEY_BYTES) throw new RangeError('the master key has 32 bytes');
    this.#masterKey = Buffer.from(masterKey);
    this.keyId = this.fingerprint('key-id', '').subarray(0, KEY_ID_BYTES).toString('hex');
  }

  seal(text: string, place: SealedPlace): SealedSecret {
    const dataKey = randomBytes(KEY_BYTES);
    return {
      keyId: this.keyId,
      wrappedKey: encrypt(this.#masterKey, dataKey, authenticated('key', place)),
      content: encrypt(dataKey, Buffer.from(text, 'utf8'), authenticated('content', place)),
    };
  }

  /** Throws a `StoreError` of kind `corrupt` if the key, the place or a single bit differs. */
  open(sealed: SealedSecret, place: SealedPlace): string {
    const name = `${place.field} of ${place.recordId}`;
    if (sealed.keyId !== this.keyId) {
      throw new StoreError(
        'corrupt',
        `${name} was encrypted with another master key (${sealed.keyId}, this one is ${this.keyId})`,
      );
    }
    try {
      const dataKey = decrypt(this.#masterKey, sealed.wrappedKey, authenticated('key', place));
      return decrypt(dataKey, sealed.content, authenticated('content', place)).toString('utf8');
    } catch (cause) {
      throw new StoreError('corrupt', `${name} cannot be decrypted: it was changed or moved`, { cause });
    }
  }

  /** HMAC-SHA-256 with a separate key per purpose, for short secrets that are only compared. */
  fingerprint(purpose: string, secret: string): Buffer {
    const purposeKey = createHmac('sha256', this.#masterKey).update(purpose).digest();
    return createHmac('sha256', purposeKey).update(secret).digest();
  }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** JSON keeps the parts separate: ("a", "bc") and ("ab", "c") differ. */
function authenticated(layer: 'key' | 'content', place: SealedPlace): string {
  return JSON.stringify([layer, place.tenantId, place.recordId, place.field]);
}
