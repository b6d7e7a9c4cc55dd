import type { IncomingMessage, ServerResponse } from 'node:http';
import { declaredLength, hasBody } from './read-body.js';

/** Up to this size the rest of a refused body is read and thrown away, and the connection is kept. */
const SMALL = 256 * 1024;
/** A client that is still sending gets this long to notice our answer. */
const LINGER_MS = 2000;
const LINGER_BYTES = 64 * 1024 * 1024;

/** Whether the client is (or may be) still sending more than is worth reading. */
export function isSendingMuch(request: IncomingMessage): boolean {
  if (request.complete || !hasBody(request)) return false;
  const length = declaredLength(request);
  return length === undefined || length > SMALL;
}

/**
 * Answers while the client still sends, then reads on for a moment before closing: closing at
 * once would reset the connection, and the client would lose the answer (RFC 9112, section 9.6).
 */
export async function answerAndLinger(
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
