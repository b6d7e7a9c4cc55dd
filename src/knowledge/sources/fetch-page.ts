import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import iconv from 'iconv-lite';
import type { SourceProblem } from '../../contracts/knowledge-sources.js';
import { OutboundError, type GuardedFetch, type GuardedResponse } from '../../lib/net/guarded-fetch.js';
import { isSameSite, readUrl } from './site-url.js';

/** Our name in robots.txt and in the logs of the sites we read. */
export const PROGRAM_NAME = 'SapaBot';
const USER_AGENT = `${PROGRAM_NAME}/1.0`;
const ACCEPT = 'text/html, application/pdf, text/*;q=0.9, application/json;q=0.8, */*;q=0.5';
const LONGEST_MS = 20_000;
const MOST_REDIRECTS = 5;
const MEGABYTE = 1024 * 1024;
export const PAGE_BYTES = 20 * MEGABYTE;

/** The result of fetching one address. */
export type FetchedPage =
  | {
      readonly type: 'page';
      /** The final address after redirects. */
      readonly url: URL;
      readonly bytes: Uint8Array;
      /** Its extension gives the kind of text. */
      readonly fileName: string;
      readonly etag?: string;
      readonly lastModified?: string;
    }
  | { readonly type: 'unchanged' }
  | { readonly type: 'other-site' }
  | { readonly type: 'gone'; readonly status: number }
  | { readonly type: 'failed'; readonly problem: SourceProblem; readonly status?: number };

export interface PageRequest {
  readonly signal: AbortSignal;
  /** Of the stored version. */
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** Whether a redirect may lead to another site. */
  readonly anySite?: boolean;
  /** Whether to accept the response whatever its content type. */
  readonly anyType?: boolean;
}

export type FetchPage = (url: URL, request: PageRequest) => Promise<FetchedPage>;

/** Fetches one address through the guarded client, following redirects and checking each of them. */
export function createFetchPage(outbound: GuardedFetch): FetchPage {
  return async (start, request) => {
    let url = start;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const answer = await call(outbound, url, request);
      if (answer instanceof OutboundError) return failed(problemOf(answer, url));
      const next = redirectOf(answer, url);
      if (next === undefined) return pageOf(answer, url, request);
      if (request.anySite !== true && !isSameSite(next, start)) return { type: 'other-site' };
      url = next;
    }
    return failed({ kind: 'too_many_redirects', detail: `${start.host} redirects again and again.` });
  };
}

async function call(
  outbound: GuardedFetch,
  url: URL,
  { signal, etag, lastModified }: PageRequest,
): Promise<GuardedResponse | OutboundError> {
  try {
    return await outbound.fetch(url, {
      method: 'GET',
      headers: {
        'User-Agent': USER_AGENT,
        Accept: ACCEPT,
        'Accept-Encoding': 'gzip, br',
        ...(etag === undefined ? {} : { 'If-None-Match': etag }),
        ...(lastModified === undefined ? {} : { 'If-Modified-Since': lastModified }),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
      maxBytes: PAGE_BYTES,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OutboundError) return error;
    throw error;
  }
}

function problemOf({ kind }: OutboundError, url: URL): SourceProblem {
  if (kind === 'unreachable') return { kind, detail: `${url.host} could not be reached.` };
  return { kind: 'not_public', detail: `${url.host} is not a public address.` };
}

function redirectOf({ status, headers }: GuardedResponse, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  return readUrl(String(headers['location'] ?? ''), url);
}

function pageOf(answer: GuardedResponse, url: URL, { anyType = false }: PageRequest): FetchedPage {
  const { status, headers } = answer;
  if (status === 304) return { type: 'unchanged' };
  if (status === 404 || status === 410) return { type: 'gone', status };
  if (status !== 200) return failed({ kind: 'status', detail: `${url.host} answers ${status}.` }, status);
  const media = String(headers['content-type'] ?? '').toLowerCase();
  const ending = endingOf(media, url);
  if (ending === undefined && !anyType) {
    return failed({ kind: 'not_text', detail: `It is ${media.split(';')[0]?.trim()}, which holds no text.` });
  }
  const bytes = unpacked(answer);
  if (bytes === undefined || bytes.length >= PAGE_BYTES) {
    return failed({ kind: 'too_large', detail: `It is larger than ${PAGE_BYTES / MEGABYTE} MB.` });
  }
  const etag = headerOf(answer, 'etag');
  const lastModified = headerOf(answer, 'last-modified');
  return {
    type: 'page',
    url,
    bytes: asUtf8(bytes, media),
    fileName: `page.${ending ?? 'txt'}`,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

/** The extension for the content type or, if that says nothing, from the address. `undefined`: not text. */
function endingOf(media: string, url: URL): string | undefined {
  const [type = ''] = media.split(';');
  const ending = /\.(md|markdown|csv|tsv|json|html?|txt)$/i.exec(url.pathname)?.[1]?.toLowerCase();
  switch (type.trim()) {
    case '':
    case 'application/octet-stream':
    case 'binary/octet-stream':
      return ending ?? 'bin';
    case 'text/plain':
      return ending ?? 'txt';
    case 'text/html':
    case 'application/xhtml+xml':
      return 'html';
    case 'text/markdown':
      return 'md';
    case 'text/csv':
      return 'csv';
    case 'text/tab-separated-values':
      return 'tsv';
    case 'application/json':
    case 'application/ld+json':
      return 'json';
    case 'application/pdf':
      return 'pdf';
    case 'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
      return 'docx';
    case 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
      return 'xlsx';
    default:
      return undefined;
  }
}

/** `undefined` if it unpacks to more than we read, or cannot be unpacked. */
function unpacked({ headers, body }: GuardedResponse): Uint8Array | undefined {
  const limits = { maxOutputLength: PAGE_BYTES };
  try {
    switch (
      String(headers['content-encoding'] ?? '')
        .trim()
        .toLowerCase()
    ) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, limits);
      case 'br':
        return brotliDecompressSync(body, limits);
      case 'deflate':
        return inflateSync(body, limits);
      default:
        return body;
    }
  } catch {
    return undefined;
  }
}

/**
 * Converts to UTF-8 if the server or the page declares another encoding, so that nothing has to guess later.
 */
function asUtf8(bytes: Uint8Array, media: string): Uint8Array {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  const charset =
    /charset=["']?([\w-]+)/.exec(media)?.[1] ??
    (media.includes('html') ? /<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(start)?.[1] : undefined);
  const isOther = charset !== undefined && !/^utf-?8$/i.test(charset) && iconv.encodingExists(charset);
  return isOther ? Buffer.from(iconv.decode(Buffer.from(bytes), charset), 'utf8') : bytes;
}

function headerOf({ headers }: GuardedResponse, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' && value.length < 1000 ? value : undefined;
}

function failed(problem: SourceProblem, status?: number): FetchedPage {
  return { type: 'failed', problem, ...(status === undefined ? {} : { status }) };
}
