import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from '../contracts/runtime.js';
import type { HttpApp } from './create-http-app.js';
import { HttpProblem, PROBLEM_TYPE, problemBody } from '../lib/api/problem.js';
import { holdContinue } from './request/expect-continue.js';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 picks any free port. */
  readonly port: number;
  readonly logger: Logger;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Accepts no new connections, lets running requests finish for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

// A slow client occupies one connection and nothing else; a 20 MB upload at 2 Mbit/s takes 80 s.
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
// Longer than the usual 60 s of load balancers, so that they close first.
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const MOST_HEADER_BYTES = 16 * 1024;

/** Starts listening; rejects if the port is taken or not allowed. */
export async function startHttpServer(app: HttpApp, options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, app.listener);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.on('checkContinue', (request, response) => {
    holdContinue(request, response);
    app.listener(request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    close(graceMs) {
      app.endStreams();
      return close(server, graceMs, options.logger);
    },
  };
}

function listen(server: Server, options: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      server.on('error', (error) => options.logger.error({ error }, 'HTTP server failed'));
      resolve();
    });
  });
}

async function close(server: Server, graceMs: number, logger: Logger): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    logger.warn({ graceMs }, 'requests still running were cut off');
    server.closeAllConnections();
  }, graceMs);
  // Connections that were busy when closing began become idle once answered.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(timer);
  clearInterval(sweep);
}

/**
 * Writes a raw response to input that is malformed, too large or too slow, for which no request object
 * exists.
 */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error.code);
  const requestId = `req_${randomUUID()}`;
  const answer = problemBody(problem, requestId);
  const body = JSON.stringify(answer);
  socket.end(
    [
      `HTTP/1.1 ${answer.status} ${answer.title}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      `X-Request-Id: ${requestId}`,
      '',
      body,
    ].join('\r\n'),
  );
}

function problemOf(code: string | undefined): HttpProblem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HttpProblem(431, 'headers_too_large', 'The headers are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpProblem(408, 'timeout', 'The request came too slowly.');
  return new HttpProblem(400, 'malformed_request', 'This is not an HTTP request.');
}
