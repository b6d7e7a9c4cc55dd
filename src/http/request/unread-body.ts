import type { IncomingMessage, ServerResponse } from 'node:http';
import { declaredLength, hasBody } from './read-body.js';

/** The rest of a refused body up to this size is read and discarded, keeping the connection open. */
const SMALL = 256 * 1024;
/** How long a client that is still sending has to notice our answer. */
const LINGER_MS = 2000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** Whether the client may still be sending more than is worth reading. */
export function isSendingMuch(request: IncomingMessage): boolean {
  if (request.complete || !hasBody(request)) return false;
  const length = declaredLength(request);
  return length === undefined || length > SMALL;
}

/**
 * Answers while the client is still sending, then reads on briefly before closing: closing at once would
 * reset the connection and lose the answer (RFC 9112, section 9.6).
 */
export async function answerBeforeBody(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  response.shouldKeepAlive = false;
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', body.length);
  response.flushHeaders();
  response.write(body);
  await new Promise<void>((resolve) => {
    let discarded = 0;
    const timer = setTimeout(resolve, LINGER_MS);
    request.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > LINGER_BYTES) resolve();
    });
    for (const event of ['end', 'close', 'error']) request.once(event, () => resolve());
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    request.resume();
  });
  response.end();
}
