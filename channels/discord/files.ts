import { z } from 'zod';
import { ChannelError } from '../../src/contracts/channel.js';
import { readAtMost, tooLarge } from '../../src/lib/net/read-at-most.js';
import { withDeadline } from '../../src/lib/work/with-deadline.js';
import type { DiscordClient } from './client.js';
import { noAnswerError, refusalError } from './discord-error.js';

const DOWNLOAD_TIMEOUT_MS = 60_000;

/** Attachment URLs expire after a day; fetching the message again always returns a fresh one. */
const referenceSchema = z.object({
  url: z.string(),
  id: z.string().optional(),
  channelId: z.string().optional(),
  messageId: z.string().optional(),
});

type FileReference = z.output<typeof referenceSchema>;

const messageSchema = z.object({ attachments: z.array(z.object({ id: z.string(), url: z.string() })) });

export function toReference(reference: FileReference): string {
  return JSON.stringify(reference);
}

/** Downloads an attachment, never holding more than `maxBytes` of it. */
export function downloadFile(
  reference: string,
  maxBytes: number,
  client: DiscordClient,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const file = parseReference(reference);
  if (file === undefined)
    return Promise.reject(new ChannelError('rejected', 'download: not a file of Discord'));
  return withDeadline(signal, DOWNLOAD_TIMEOUT_MS, (limited) => load(file, maxBytes, client, limited));
}

async function load(
  file: FileReference,
  maxBytes: number,
  client: DiscordClient,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let response = await client.openFile(file.url, signal);
  if (response.status === 403 || response.status === 404) {
    await response.body?.cancel();
    response = await client.openFile(await freshUrl(file, client, signal), signal);
  }
  if (!response.ok) {
    await response.body?.cancel();
    if (response.status === 404 || response.status === 403) throw goneError();
    throw refusalError('download', { status: response.status, code: 0, message: 'refused' });
  }
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  return readAtMost(response, maxBytes, (error) => noAnswerError('download', error));
}

async function freshUrl(
  { channelId, messageId, id }: FileReference,
  client: DiscordClient,
  signal: AbortSignal,
): Promise<string> {
  if (channelId === undefined || messageId === undefined) throw goneError();
  const path = `/channels/${channelId}/messages/${messageId}`;
  const message = messageSchema.safeParse(await client.call({ method: 'GET', path }, signal));
  const match = message.data?.attachments.find((attachment) => attachment.id === id);
  if (match === undefined) throw goneError();
  return match.url;
}

function goneError(): ChannelError {
  return new ChannelError('gone', 'download: the file is no longer available');
}

function parseReference(reference: string): FileReference | undefined {
  try {
    return referenceSchema.safeParse(JSON.parse(reference)).data;
  } catch {
    return undefined;
  }
}
