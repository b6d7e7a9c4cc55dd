import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenCall {
  readonly method: string;
  /** With its query, as it was sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ShopAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The connection is cut after the call was read. */
  readonly cut?: boolean;
}

export interface ShopService {
  readonly url: string;
  readonly calls: SeenCall[];
  /** What it answers from now on. */
  answer: (call: SeenCall) => ShopAnswer;
  close(): Promise<void>;
}

/** A service of a business, as its tools call it. */
export async function startShopService(): Promise<ShopService> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const call = { method, path, headers, body: Buffer.concat(chunks).toString() };
      shop.calls.push(call);
      const { status = 200, headers: more = {}, body = {}, cut = false } = shop.answer(call);
      if (cut) {
        response.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'application/json', ...more });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shop: ShopService = {
    url: `http://127.0.0.1:${port}`,
    calls: [],
    answer: () => ({}),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return shop;
}
