import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { getMediaKeys } from '@whiskeysockets/baileys';
import { ChannelError } from '../../src/contracts/channel.js';
import { tooLarge } from '../../src/lib/net/read-at-most.js';
import type { MediaReference } from './media-reference.js';

const MAC_BYTES = 10;

/** Verifies and decrypts a file. The library verifies nothing, and a host could return anything. */
export async function unseal(
  sealed: Buffer,
  reference: MediaReference,
  maxBytes: number,
): Promise<Uint8Array> {
  const { key, type, sealedSha256, sha256 } = reference;
  if (sealedSha256 !== undefined && !isDigest(sealed, sealedSha256)) throw damaged();
  const { iv, cipherKey, macKey } = await getMediaKeys(key, type);
  if (!macKey || sealed.length <= MAC_BYTES) throw damaged();
  const content = sealed.subarray(0, -MAC_BYTES);
  const mac = createHmac('sha256', macKey).update(iv).update(content).digest().subarray(0, MAC_BYTES);
  if (!timingSafeEqual(mac, sealed.subarray(-MAC_BYTES))) throw damaged();
  const file = decrypted(content, cipherKey, iv);
  if (sha256 !== undefined && !isDigest(file, sha256)) throw damaged();
  if (file.length > maxBytes) throw tooLarge(maxBytes);
  return new Uint8Array(file);
}

function decrypted(content: Buffer, key: Uint8Array, iv: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch {
    throw damaged();
  }
}

function isDigest(bytes: Buffer, digest: Buffer): boolean {
  return createHash('sha256').update(bytes).digest().equals(digest);
}

function damaged(): ChannelError {
  return new ChannelError('rejected', 'download: the file is damaged');
}
