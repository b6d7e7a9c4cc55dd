import { z } from 'zod';
import { ChannelError } from '../../src/contracts/channel.js';
import { readAtMost, tooLarge } from '../../src/lib/net/read-at-most.js';
import { withDeadline } from '../../src/lib/work/with-deadline.js';
import type { TelegramClient } from './client.js';
import { refusalError, toTelegramError } from './telegram-error.js';

/** Bots can download files of at most 20 MB; a minute is ample for that. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

const fileSchema = z.object({ file_path: z.string().min(1), file_size: z.int().nullish() });

/** Downloads a file by its `file_id`, never holding more than `maxBytes` in memory. */
export function downloadFile(
  fileId: string,
  maxBytes: number,
  client: TelegramClient,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return withDeadline(signal, DOWNLOAD_TIMEOUT_MS, (limited) => load(fileId, maxBytes, client, limited));
}

async function load(
  fileId: string,
  maxBytes: number,
  client: TelegramClient,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const answer = await client.call('getFile', (api, s) => api.getFile({ file_id: fileId }, s), signal);
  const file = fileSchema.safeParse(answer);
  if (!file.success) throw new ChannelError('gone', 'getFile: the file is no longer available');
  if ((file.data.file_size ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const response = await client.openFile(file.data.file_path, signal);
  if (!response.ok) {
    await response.body?.cancel();
    throw downloadRefused(response.status);
  }
  return readAtMost(response, maxBytes, (error) => toTelegramError('download', error));
}

/**
 * A link to a file is valid for an hour: a 404 means that the link has expired, not that the token is wrong.
 */
function downloadRefused(status: number): ChannelError {
  if (status === 404) return new ChannelError('gone', 'download: the file is no longer available');
  return refusalError('download', { error_code: status, description: 'refused' });
}
