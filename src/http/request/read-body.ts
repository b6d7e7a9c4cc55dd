import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../lib/api/problem.js';
import { continueIfExpected } from './expect-continue.js';

const TOO_LARGE_DETAIL = 'The body is larger than this route takes.';

export function tooLarge(): HttpProblem {
  return new HttpProblem(413, 'body_too_large', TOO_LARGE_DETAIL);
}

/** The declared body length in bytes; `undefined` if the client does not declare one. */
export function declaredLength(request: IncomingMessage): number | undefined {
  const header = request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || (declaredLength(request) ?? 0) > 0;
}

/** Refuses by the declared length before reading, so that nobody uploads in vain. */
export function refuseDeclaredLength(request: IncomingMessage, maxBytes: number): void {
  if ((declaredLength(request) ?? 0) > maxBytes) throw tooLarge();
}

/** The whole body, up to `maxBytes`; stops reading as soon as it exceeds that. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  refuseDeclaredLength(request, maxBytes);
  continueIfExpected(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      stop();
      request.pause();
      reject(tooLarge());
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks, size));
    };
    const onGone = (): void => {
      stop();
      reject(new HttpProblem(400, 'incomplete_body', 'The body ended too early.'));
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
