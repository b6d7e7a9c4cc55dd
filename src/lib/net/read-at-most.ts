import { ChannelError } from '../../contracts/channel.js';

/** Reads the body of a download, never holding more than `maxBytes` in memory. Throws only `ChannelError`. */
export async function readAtMost(
  response: Response,
  maxBytes: number,
  errorOf: (error: unknown) => ChannelError,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    const body: AsyncIterable<Uint8Array> | null = response.body;
    for await (const bytes of body ?? []) {
      total += bytes.byteLength;
      if (total > maxBytes) throw tooLarge(maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    throw errorOf(error);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

export function tooLarge(maxBytes: number): ChannelError {
  return new ChannelError('rejected', `download: the file is larger than ${maxBytes} bytes`);
}
