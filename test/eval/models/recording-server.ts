import { startLoopbackServer } from '../../fakes/loopback-server.js';

interface ChatBody {
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
}

/** A model that records its prompts and answers with next to nothing. */
export interface RecordingServer {
  readonly url: string;
  /** Everything the model was given along with this question; `undefined`: the model was not called. */
  promptFor(question: string): string | undefined;
  close(): Promise<void>;
}

/** Imitates a vendor with OpenAI's Chat Completions API. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const prompts = new Map<string, string>();
  const listening = await startLoopbackServer((_request, response, bytes) => {
    const body = JSON.parse(bytes.toString('utf8')) as ChatBody;
    const texts = (body.messages ?? []).map(({ content }) =>
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    // The question comes last, after a blank line.
    prompts.set((texts.at(-1) ?? '').split('\n\n').at(-1) ?? '', texts.join('\n'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of CHUNKS) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  return {
    url: `${listening.url}/v1`,
    promptFor: (question) => prompts.get(question),
    close: () => listening.close(),
  };
}

const CHUNKS = [
  { choices: [{ index: 0, delta: { content: 'Noted.' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
];
