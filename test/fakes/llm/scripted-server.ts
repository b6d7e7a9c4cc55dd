import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from '../loopback-server.js';

/** The response to one request. */
export interface Script {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written in order, each in a packet of its own. */
  readonly chunks: readonly string[];
  /** Pause between chunks, in ms. */
  readonly pauseMs?: number;
  /**
   * What follows the chunks: a clean end, an open connection that sends nothing more, or a broken connection.
   */
  readonly ending: 'end' | 'stall' | 'cut';
}

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** Resolves when the client closes the connection before the response is complete. */
  readonly closedByClient: Promise<void>;
}

export interface ScriptedServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Sets the responses to the next requests, in order; the last one is used for all further requests. */
  play(...scripts: readonly Script[]): void;
  close(): Promise<void>;
}

/**
 * An HTTP server that sends exactly the bytes it is given, for cases that a well-behaved fake cannot produce.
 */
export async function startScriptedServer(): Promise<ScriptedServer> {
  let queue: readonly Script[] = [];
  const requests: SeenRequest[] = [];
  const listening = await startLoopbackServer(async (request, response, bytes) => {
    const closed = once(response, 'close').then(() =>
      response.writableFinished ? new Promise<void>(() => undefined) : undefined,
    );
    const body: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
    requests.push({ path: request.url ?? '', headers: request.headers, body, closedByClient: closed });
    const [script, ...rest] = queue;
    if (rest.length > 0) queue = rest;
    if (script === undefined) throw new Error('no script to play');
    await perform(script, response);
  });
  return {
    url: listening.url,
    requests,
    play: (...scripts) => void (queue = scripts),
    close: () => listening.close(),
  };
}

/** URL of a port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const server = await startScriptedServer();
  await server.close();
  return server.url;
}

async function perform(script: Script, response: ServerResponse): Promise<void> {
  response.writeHead(script.status ?? 200, { 'content-type': 'text/event-stream', ...script.headers });
  response.flushHeaders();
  for (const chunk of script.chunks) {
    if (response.destroyed) return;
    response.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, script.pauseMs ?? 1));
  }
  if (script.ending === 'end') response.end();
  if (script.ending === 'cut') response.destroy();
}
