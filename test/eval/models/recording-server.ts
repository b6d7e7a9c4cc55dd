import { startLoopbackServer } from '../../fakes/loopback-server.js';

interface ChatBody {
  readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
}

/** A model that writes down what it is given and says next to nothing. */
export interface RecordingServer {
  readonly url: string;
  /** All that a model was told when it was asked this; `undefined`: no model was asked. */
  promptFor(question: string): string | undefined;
  close(): Promise<void>;
}

/** Stands where a vendor would, by OpenAI's Chat Completions. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const prompts = new Map<string, string>();
  const listening = await startLoopbackServer((_request, response, bytes) => {
    const body = JSON.parse(bytes.toString('utf8')) as ChatBody;
    const texts = (body.messages ?? []).map(({ content }) =>
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    // The question stands last, after a blank line.
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
