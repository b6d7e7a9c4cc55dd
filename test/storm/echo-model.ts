import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { pause } from '../support/wait.js';
import { openAiDialect } from '../fakes/llm/dialects.js';
import type { Random } from './random.js';
import { MARK, TOKENS } from './tokens.js';

export interface EchoModel {
  /** For `OPENAI_BASE_URL`. */
  readonly url: string;
  readonly calls: number;
  close(): Promise<void>;
}

const requestSchema = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

/**
 * A language model that repeats what the newest message asks it to repeat, and whose prompt it was
 * given: an answer in the wrong chat or of the wrong business gives itself away.
 */
export async function startEchoModel(random: Random): Promise<EchoModel> {
  let calls = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST') return void response.writeHead(404).end();
    calls++;
    await pause(random.chance(5) ? random.between(1_000, 4_000) : random.between(20, 400));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = echoOf(requestSchema.parse(JSON.parse(Buffer.concat(chunks).toString())));
    for (const chunk of openAiDialect.text(...(text.match(/.{1,12}/gsu) ?? []))) response.write(chunk);
    response.end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get calls() {
      return calls;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function echoOf({ messages }: z.output<typeof requestSchema>): string {
  const textOf = (role: string): string =>
    JSON.stringify(messages.findLast((message) => message.role === role)?.content ?? '');
  const mark = MARK.exec(textOf('system'))?.[0] ?? 'nobody';
  const asked = textOf('user').match(TOKENS) ?? [];
  return `${mark}: ${[...new Set(asked)].join(' ')}`;
}
