import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause } from '../../support/wait.js';
import { openAiDialect } from '../../fakes/llm/dialects.js';

/** Time to the first word, as with fast models, in ms. */
const THINK_MS = 600;
/** Time between the first paragraph and the rest, in ms. */
const WRITE_MS = 1_500;
const FIRST = 'This is the first paragraph of an answer, long enough to stand for itself.';
/** "say 12" asks for this many paragraphs. */
const COUNT = /say (\d+)/;

export interface SpeakingModel {
  /** Value for `OPENAI_BASE_URL`. */
  readonly url: string;
  /** When the first paragraph of each answer was written, in ms since the epoch. */
  readonly firstAt: number[];
  close(): Promise<void>;
}

/** Waits, writes a paragraph, and after a while the rest; or, if asked, many paragraphs at once. */
export async function startSpeakingModel(): Promise<SpeakingModel> {
  const firstAt: number[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly messages: readonly unknown[];
    };
    const count = Number(COUNT.exec(JSON.stringify(messages.at(-1)))?.[1] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (count > 0) return void response.end(openAiDialect.text(paragraphs(count)).join(''));
    await pause(THINK_MS);
    const [begin = '', more = '', ...end] = openAiDialect.text(
      `${FIRST}\n\nAnd`,
      ' this is what follows it.',
    );
    firstAt.push(Date.now());
    response.write(begin);
    await pause(WRITE_MS);
    response.end(more + end.join(''));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    firstAt,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Each paragraph fills a bubble. */
function paragraphs(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `Paragraph ${index} says ${'something '.repeat(25)}.`,
  ).join('\n\n');
}
