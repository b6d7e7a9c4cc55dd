import type { ServerResponse } from 'node:http';
import type { Clock } from '../../contracts/runtime.js';
import type { EventSink } from '../../lib/api/route.js';

/** A client that falls this many bytes behind is disconnected. */
const MOST_UNSENT_BYTES = 1024 * 1024;

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // Otherwise nginx would hold the events back.
  'X-Accel-Buffering': 'no',
};

/** One frame in the event stream format (WHATWG HTML, section 9.2). */
function eventFrame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Runs `produce` with an open event stream, then ends the stream; never throws. */
export async function sendEvents(
  response: ServerResponse,
  clock: Clock,
  heartbeatMs: number,
  produce: (sink: EventSink) => Promise<void>,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.statusCode = 200;
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  const write = (frame: string): void => {
    if (response.destroyed || response.writableEnded) return;
    response.write(frame);
    if (response.writableLength > MOST_UNSENT_BYTES) response.destroy();
  };
  const stop = new AbortController();
  const beating = beat(clock, heartbeatMs, stop.signal, () => write(': still here\n\n'));
  try {
    await produce((event, data) => write(eventFrame(event, data)));
  } finally {
    stop.abort();
    await beating;
    if (!response.destroyed) response.end();
  }
}

async function beat(clock: Clock, everyMs: number, signal: AbortSignal, tick: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(everyMs, signal);
      tick();
    }
  } catch {
    // The stream has ended.
  }
}
