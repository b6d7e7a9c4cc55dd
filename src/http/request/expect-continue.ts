import type { IncomingMessage, ServerResponse } from 'node:http';

/** Clients that wait for "100 Continue" before they send their body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** The server leaves the go-ahead to the route, which may refuse before a byte was sent. */
export function holdContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
}

export function continueIfExpected(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}
