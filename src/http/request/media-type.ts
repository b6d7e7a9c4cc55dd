import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../lib/api/problem.js';

interface MediaType {
  /** In lower case, without parameters; empty if the header is missing. */
  readonly type: string;
  readonly charset: string | undefined;
}

export function mediaType(request: IncomingMessage): MediaType {
  const header = request.headers['content-type'] ?? '';
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim());
  const charset = parameters.find((part) => /^charset=/i.test(part))?.slice('charset='.length);
  return { type: type.toLowerCase(), charset: charset?.replaceAll('"', '').toLowerCase() };
}

export function unsupportedMediaType(mediaTypes: readonly string[]): HttpProblem {
  return new HttpProblem(415, 'unsupported_media_type', `This route takes ${mediaTypes.join(' or ')}.`, {
    headers: { Accept: mediaTypes.join(', ') },
  });
}

/** We never decompress requests: a small one could become a huge one. */
export function refuseEncoding(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new HttpProblem(415, 'unsupported_encoding', 'The body must be sent without Content-Encoding.', {
    headers: { 'Accept-Encoding': 'identity' },
  });
}
