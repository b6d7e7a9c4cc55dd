import { ToolError } from '../../contracts/tool.js';
import { followRedirects } from '../../lib/net/follow-redirects.js';
import { OutboundError, type GuardedFetch, type GuardedResponse } from '../../lib/net/guarded-fetch.js';
import { withDeadline } from '../../lib/work/with-deadline.js';
import type { HttpCall } from './custom-tool.js';
import { pickResult } from './pick-result.js';
import type { HeaderMap } from './sealed-headers.js';
import { fillTemplate, placeholdersOf } from './url-template.js';

/** Time limit for a call of a service, in ms. */
const CALL_MS = 20_000;
/** The most that is read of a response, in bytes. */
const READ_BYTES = 512 * 1024;
/** Facts about the person the tool runs for; in a template they are written like `{contact.phone}`. */
export const CONTACT_VALUES = [
  'contact.id',
  'contact.name',
  'contact.phone',
  'contact.email',
  'contact.channel',
  'contact.user_id',
] as const;

export interface HttpRequest {
  readonly call: HttpCall;
  readonly input: Readonly<Record<string, unknown>>;
  /** Values the model does not choose. */
  readonly contact: Readonly<Record<string, string | undefined>>;
  readonly headers: HeaderMap;
  /** The same for retries of one run, so that a service can recognise duplicates. */
  readonly idempotencyKey: string;
  readonly isWrite: boolean;
  readonly signal: AbortSignal;
}

/**
 * Calls the service and returns its response as data. Rejects only with `ToolError`, or with the abort reason
 * of `signal`.
 */
export async function callHttp(request: HttpRequest, outbound: GuardedFetch): Promise<unknown> {
  const { call, isWrite, signal } = request;
  const url = addressOf(request);
  const requestParts = partsOf(request);
  try {
    const response = await withDeadline(signal, CALL_MS, (within) =>
      followRedirects(outbound, url, {
        ...requestParts,
        method: call.method,
        signal: within,
        maxBytes: READ_BYTES,
      }),
    );
    return resultOf(response, request);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    signal.throwIfAborted();
    if (!(error instanceof OutboundError)) throw error;
    if (error.kind === 'forbidden') {
      throw new ToolError('failed', 'The service is at an address that cannot be called.', { cause: error });
    }
    throw isWrite && error.mayHaveArrived
      ? new ToolError('unknown', 'The service did not answer in time.', { cause: error })
      : new ToolError('failed', 'The service could not be reached.', { cause: error });
  }
}

function addressOf({ call, input, contact }: HttpRequest): URL {
  const url = fillTemplate(call.url, (name) => {
    if (!name.startsWith('contact.')) return textOf(input[name]);
    const value = contact[name];
    if (value === undefined) {
      throw new ToolError('failed', `The ${name.slice('contact.'.length)} of the person is not known.`);
    }
    return value;
  });
  for (const [name, value] of argumentsIn('query', call, input)) {
    for (const each of Array.isArray(value) ? value : [value])
      url.searchParams.append(name, textOf(each) ?? '');
  }
  return url;
}

function partsOf({ call, input, headers, idempotencyKey, isWrite }: HttpRequest) {
  const fields = argumentsIn('body', call, input);
  const whole = fields.find(([name]) => name === '')?.[1];
  const hasBody = call.method !== 'GET' && fields.length > 0;
  const body = hasBody ? JSON.stringify(whole ?? Object.fromEntries(fields)) : undefined;
  const argumentHeaders = argumentsIn('header', call, input).map(([name, value]) => [
    name,
    headerText(name, value),
  ]);
  return {
    headers: {
      accept: 'application/json, text/plain;q=0.9, */*;q=0.1',
      'accept-encoding': 'identity',
      'user-agent': 'Sapa',
      ...(Object.fromEntries(argumentHeaders) as HeaderMap),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
      ...(isWrite ? { 'idempotency-key': idempotencyKey } : {}),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function argumentsIn(
  place: 'query' | 'header' | 'body',
  { url, places, rest }: HttpCall,
  input: HttpRequest['input'],
): readonly (readonly [string, unknown])[] {
  const inAddress = new Set(placeholdersOf(url));
  return Object.entries(input).flatMap(([argument, value]) => {
    if (inAddress.has(argument) || value === undefined) return [];
    const ownPlace = Object.hasOwn(places, argument) ? places[argument] : undefined;
    if ((ownPlace?.in ?? rest) !== place) return [];
    return [[ownPlace?.name ?? argument, value] as const];
  });
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

function headerText(name: string, value: unknown): string {
  const text = textOf(value) ?? '';
  if (!/^[\x20-\x7e]*$/.test(text)) throw new ToolError('invalid-input', `"${name}" is not plain text.`);
  return text;
}

function resultOf({ status, headers, body }: GuardedResponse, { call, isWrite }: HttpRequest): unknown {
  if (status < 200 || status >= 300) {
    // A server error or a redirect does not tell whether the change was made.
    const kind = isWrite && (status >= 500 || status < 400) ? 'unknown' : 'failed';
    throw new ToolError(kind, `The service answered ${status}.`);
  }
  if (body.length === 0) return { status };
  if (body.length >= READ_BYTES) {
    if (isWrite) return { status };
    throw new ToolError('failed', 'The answer of the service is too long.');
  }
  const picked = pickResult(dataOf(String(headers['content-type'] ?? ''), body), call.resultPath);
  if (picked !== undefined) return picked;
  // The change is made, whatever the response contains.
  if (isWrite) return { status };
  throw new ToolError('failed', 'The service answered without what was asked for.');
}

/** `undefined`: the response claims to be JSON but is not. */
function dataOf(contentType: string, body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return /\bjson\b/i.test(contentType) ? undefined : text;
  }
}
