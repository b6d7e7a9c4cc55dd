import { ChildError, runLimitedChild, type ChildLimits } from '../../lib/work/limited-child.js';
import { isObject } from '../../lib/is-object.js';
import type { OpenApiReply } from './openapi-child.js';

const MEGABYTE = 1024 * 1024;
/** Larger documents exist, but nobody would want all operations of such a service as tools. */
export const MOST_OPENAPI_BYTES = 4 * MEGABYTE;
const LIMITS = {
  cpuMs: 15_000,
  wallMs: 60_000,
  residentBytes: 512 * MEGABYTE,
  heapMegabytes: 384,
} as const satisfies ChildLimits;

/** The document as a whole cannot be used. */
export class OpenApiError extends Error {
  override readonly name = 'OpenApiError';
}

/**
 * Reads OpenAPI 3.0 or 3.1 from JSON or YAML text, or takes a parsed document. Rejects with `OpenApiError`.
 */
export async function readOpenApi(source: unknown): Promise<Readonly<Record<string, unknown>>> {
  const document = typeof source === 'string' ? await parsed(source) : source;
  if (isObject(document) && /^3\.[01](?:\.|$)/.test(String(document['openapi']))) return document;
  throw new OpenApiError('It is not an OpenAPI document of version 3.0 or 3.1.');
}

async function parsed(text: string): Promise<unknown> {
  if (text.length > MOST_OPENAPI_BYTES) throw new OpenApiError('It is too large.');
  try {
    return JSON.parse(text);
  } catch {
    return parsedYaml(text);
  }
}

async function parsedYaml(text: string): Promise<unknown> {
  try {
    const { document } = await runLimitedChild({
      entry: 'src/tools/custom/openapi-child.js',
      limits: LIMITS,
      messages: [text],
      onMessage: (message) => ({ answer: message as OpenApiReply }),
    });
    return document;
  } catch (cause) {
    if (cause instanceof ChildError) throw new OpenApiError('Reading it takes too much.', { cause });
    throw cause;
  }
}
