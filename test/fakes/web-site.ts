import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';

export interface SitePage {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A web site on loopback whose pages a test changes; it answers 304 to who has the current one. */
export interface WebSite {
  readonly url: string;
  readonly pages: Map<string, SitePage>;
  /** What was asked for, with the answer's status. */
  readonly log: { readonly path: string; readonly status: number; readonly agent: string }[];
  /** While it is down connections break. */
  isDown: boolean;
  close(): Promise<void>;
}

export async function startWebSite(pages: Readonly<Record<string, SitePage>>): Promise<WebSite> {
  const server = createServer((request, response) => {
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: WebSite = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages: new Map(Object.entries(pages)),
    log: [],
    isDown: false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return site;
}

function answerTo(
  { headers: asked }: IncomingMessage,
  { status = 200, type = 'text/html; charset=utf-8', body = '', headers = {} }: SitePage,
): { readonly status: number; readonly headers: Record<string, string> } {
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (status === 200 && asked['if-none-match'] === etag) return { status: 304, headers: { ETag: etag } };
  return { status, headers: { 'Content-Type': type, ETag: etag, ...headers } };
}
