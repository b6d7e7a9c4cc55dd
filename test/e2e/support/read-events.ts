import { z } from 'zod';

/** One event of a stream, or a comment that keeps the connection alive. */
export interface StreamEvent {
  /** The event's name; `:` for a comment. */
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads `text/event-stream` to its end; throws on anything a standard client would not accept. */
export async function readEvents(response: Response): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
}

/** The events as they arrive; leaving the loop closes the connection. */
export async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  if (response.body === null) throw new Error('an event stream has a body');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    yield* blocks.map(parseBlock);
  }
  if (rest !== '') throw new Error(`half an event at the end: ${JSON.stringify(rest)}`);
}

function parseBlock(block: string): StreamEvent {
  if (block.startsWith(':')) return { event: ':', data: {} };
  const match = /^event: ([a-z]+)\ndata: (.*)$/.exec(block);
  if (match === null) throw new Error(`not one event: ${JSON.stringify(block)}`);
  const data = z.record(z.string(), z.unknown()).parse(JSON.parse(match[2] ?? ''));
  return { event: match[1] ?? '', data };
}
