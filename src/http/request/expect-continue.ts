import type { IncomingMessage, ServerResponse } from 'node:http';

/** Clients waiting for "100 Continue" before they send their body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Leaves the go-ahead to the route, which may refuse before any of the body is sent. */
export function holdContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
}

export function continueIfExpected(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}
