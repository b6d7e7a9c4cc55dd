import type { IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { startLoopbackServer } from './loopback-server.js';

export interface SitePage {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A web site on loopback whose pages tests can change; responds with 304 to clients that have the current
 * page.
 */
export interface WebSite {
  readonly url: string;
  readonly pages: Map<string, SitePage>;
  /** Requests, with the status of each response. */
  readonly log: { readonly path: string; readonly status: number; readonly agent: string }[];
  /** While set, connections break. */
  isDown: boolean;
  close(): Promise<void>;
}

export async function startWebSite(pages: Readonly<Record<string, SitePage>>): Promise<WebSite> {
  const listening = await startLoopbackServer((request, response) => {
    if (site.isDown) {
      request.socket.destroy();
      return;
    }
    const page = site.pages.get(request.url ?? '/') ?? { status: 404, body: 'not here' };
    const { status, headers } = answerTo(request, page);
    site.log.push({
      path: request.url ?? '',
      status,
      agent: String(request.headers['user-agent']),
    });
    response.writeHead(status, headers).end(status === 304 ? undefined : page.body);
  });
  const site: WebSite = {
    url: listening.url,
    pages: new Map(Object.entries(pages)),
    log: [],
    isDown: false,
    close: () => listening.close(),
  };
  return site;
}

function answerTo(
  { headers: requestHeaders }: IncomingMessage,
  { status = 200, type = 'text/html; charset=utf-8', body = '', headers = {} }: SitePage,
): { readonly status: number; readonly headers: Record<string, string> } {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (status === 200 && requestHeaders['if-none-match'] === etag)
    return { status: 304, headers: { ETag: etag } };
  return { status, headers: { 'Content-Type': type, ETag: etag, ...headers } };
}
