import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../../lib/api/problem.js';
import { cleanJson } from './clean-json.js';
import { mediaType, unsupportedMediaType } from './media-type.js';
import { readBytes } from './read-body.js';

const JSON_TYPE = /^application\/(json|[a-z0-9.+-]+\+json)$/;

function malformed(detail: string): HttpProblem {
  return new HttpProblem(400, 'malformed_json', detail);
}

/** The JSON body, cleaned. Throws 415 for another type, 413 beyond `maxBytes`, 400 for malformed JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { type, charset } = mediaType(request);
  if (!JSON_TYPE.test(type)) throw unsupportedMediaType(['application/json']);
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new HttpProblem(415, 'unsupported_charset', 'JSON is sent in UTF-8.');
  }
  const bytes = await readBytes(request, maxBytes);
  return cleanJson(parseJson(bytes));
}

/** Strict RFC 8259 JSON in UTF-8. */
function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8.');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the body, so it is not passed on.
    throw malformed('The body is not JSON.');
  }
}
