import { z } from 'zod';
import { pause } from '../support/wait.js';
import { openAiDialect } from '../fakes/llm/dialects.js';
import { startLoopbackServer } from '../fakes/loopback-server.js';
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
 * A language model that repeats the word it is asked to repeat, along with the name of the business in its
 * prompt, so that an answer in the wrong chat or of the wrong business is recognised.
 */
export async function startEchoModel(random: Random): Promise<EchoModel> {
  let calls = 0;
  const listening = await startLoopbackServer(async (request, response, body) => {
    if (request.method !== 'POST') return void response.writeHead(404).end();
    calls++;
    await pause(random.chance(5) ? random.between(1_000, 4_000) : random.between(20, 400));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = echoOf(requestSchema.parse(JSON.parse(body.toString())));
    for (const chunk of openAiDialect.text(...(text.match(/.{1,12}/gsu) ?? []))) response.write(chunk);
    response.end();
  });
  return {
    url: `${listening.url}/v1`,
    get calls() {
      return calls;
    },
    close: () => listening.close(),
  };
}

function echoOf({ messages }: z.output<typeof requestSchema>): string {
  const textOf = (role: string): string =>
    JSON.stringify(messages.findLast((message) => message.role === role)?.content ?? '');
  const mark = MARK.exec(textOf('system'))?.[0] ?? 'nobody';
  const tokens = textOf('user').match(TOKENS) ?? [];
  return `${mark}: ${[...new Set(tokens)].join(' ')}`;
}
