import { hkdfSync } from 'node:crypto';
import { decrypt, encrypt } from '../../lib/encrypt.js';

function keyOf(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), 'sapa stored answers', 32));
}

/** Encrypted and bound to `place`, so that it cannot be opened anywhere else. The result is base64. */
export function sealText(secret: Uint8Array, place: string, text: string): string {
  return encrypt(keyOf(secret), Buffer.from(text, 'utf8'), place);
}

/** Throws if the text was altered, moved, or sealed with another secret. */
export function openText(secret: Uint8Array, place: string, sealed: string): string {
  return decrypt(keyOf(secret), sealed, place).toString('utf8');
}
