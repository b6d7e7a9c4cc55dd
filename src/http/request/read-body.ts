import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../lib/api/problem.js';
import { continueIfExpected } from './expect-continue.js';
import { GatheredBytes } from './gathered-bytes.js';

const MEGABYTE = 1024 * 1024;

export function tooLarge(maxBytes: number): HttpProblem {
  const most = Math.floor(maxBytes / MEGABYTE);
  return new HttpProblem(413, 'body_too_large', `The body is larger than the ${most} MB this route takes.`);
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
  if ((declaredLength(request) ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** The whole body, up to `maxBytes`; stops reading as soon as it exceeds that. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  refuseDeclaredLength(request, maxBytes);
  continueIfExpected(request);
  return new Promise((resolve, reject) => {
    const gathered = new GatheredBytes(declaredLength(request));
    const stop = (): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
    };
    const onData = (chunk: Buffer): void => {
      gathered.add(chunk);
      if (gathered.length <= maxBytes) return;
      stop();
      request.pause();
      reject(tooLarge(maxBytes));
    };
    const onEnd = (): void => {
      stop();
      resolve(gathered.whole());
    };
    const onGone = (): void => {
      stop();
      reject(new HttpProblem(400, 'incomplete_body', 'The body ended too early.'));
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
