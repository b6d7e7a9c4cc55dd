import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answers a request whose body has been read. */
export type AnswerRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => Promise<unknown> | unknown;

export interface LoopbackServer {
  readonly server: Server;
  /** `http://127.0.0.1:<port>`, without a trailing slash; `https` with a certificate. */
  readonly url: string;
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Closes the server and all open connections. */
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** Any free port by default. */
  readonly port?: number;
  readonly certificate?: { readonly key: string; readonly cert: string };
}

/**
 * The HTTP server underneath every fake. An error thrown by `answer` breaks the connection, so that the test
 * fails.
 */
export async function startLoopbackServer(
  answer: AnswerRequest,
  { port = 0, certificate }: LoopbackOptions = {},
): Promise<LoopbackServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    readBody(request)
      .then((body) => answer(request, response, body))
      .catch(() => response.destroy());
  };
  const server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    server,
    host,
    url: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function replyJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A failure that any call can have. `drop: 'after'` loses the response after the call took effect. */
export type PlainFault =
  | { readonly drop: 'before' | 'after' }
  | { readonly delayMs: number }
  /** Responds with these bytes instead of the correct ones. */
  | { readonly body: string };

export function isPlainFault(fault: object): fault is PlainFault {
  return 'drop' in fault || 'delayMs' in fault || 'body' in fault;
}

/** Returns `true` if the call is finished. */
export async function applyPlainFault(
  fault: PlainFault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if ('delayMs' in fault) {
    await sleep(fault.delayMs);
    return false;
  }
  if ('drop' in fault) {
    if (fault.drop === 'before') request.socket.destroy();
    return fault.drop === 'before';
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
  return true;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
