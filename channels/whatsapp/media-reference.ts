import { z } from 'zod';
import { ChannelError } from '../../src/contracts/channel.js';

/** Selects which of WhatsApp's keys a file is encrypted with. */
export type MediaType = 'image' | 'video' | 'audio' | 'document';

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

const referenceSchema = z.strictObject({
  type: z.enum(['image', 'video', 'audio', 'document']),
  /** Path on the media host. */
  path: z.string().startsWith('/').optional(),
  /** URL given by the sender's app; used only if there is no path. */
  url: z.string().optional(),
  key: base64,
  /** Checksums of the encrypted and of the decrypted file. */
  sealedSha256: base64.optional(),
  sha256: base64.optional(),
});

export type MediaReference = z.output<typeof referenceSchema>;

interface MediaFields {
  readonly directPath?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly mediaKey?: Uint8Array | null | undefined;
  readonly fileEncSha256?: Uint8Array | null | undefined;
  readonly fileSha256?: Uint8Array | null | undefined;
}

/** Encodes everything needed to download a file later as one opaque string. */
export function toReference(type: MediaType, media: MediaFields): string | undefined {
  const { directPath, url, mediaKey, fileEncSha256, fileSha256 } = media;
  if (!mediaKey?.length || (!directPath?.startsWith('/') && !url)) return undefined;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return Buffer.from(
    JSON.stringify({
      type,
      ...(directPath?.startsWith('/') ? { path: directPath } : {}),
      ...(url ? { url } : {}),
      key: text(mediaKey),
      ...(fileEncSha256?.length ? { sealedSha256: text(fileEncSha256) } : {}),
      ...(fileSha256?.length ? { sha256: text(fileSha256) } : {}),
    }),
  ).toString('base64url');
}

export function fromReference(reference: string): MediaReference {
  try {
    return referenceSchema.parse(JSON.parse(Buffer.from(reference, 'base64url').toString('utf8')));
  } catch {
    throw new ChannelError('rejected', 'download: not a file of WhatsApp');
  }
}
