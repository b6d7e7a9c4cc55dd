import type { IncomingHttpHeaders } from 'node:http';
import { startLoopbackServer } from '../../fakes/loopback-server.js';

export interface SeenCall {
  readonly method: string;
  /** Including the query, as it was sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ShopAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Cut the connection after reading the call. */
  readonly cut?: boolean;
}

export interface ShopService {
  readonly url: string;
  readonly calls: SeenCall[];
  /** Returns the answer to a call; can be replaced. */
  answer: (call: SeenCall) => ShopAnswer;
  close(): Promise<void>;
}

/** A service of the business that its tools call. */
export async function startShopService(): Promise<ShopService> {
  const listening = await startLoopbackServer((request, response, bytes) => {
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, body: bytes.toString() };
    shop.calls.push(call);
    const { status = 200, headers: more = {}, body = {}, cut = false } = shop.answer(call);
    if (cut) {
      response.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', ...more });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const shop: ShopService = {
    url: listening.url,
    calls: [],
    answer: () => ({}),
    close: () => listening.close(),
  };
  return shop;
}
