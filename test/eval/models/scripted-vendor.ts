import { openAiDialect } from '../../fakes/llm/dialects.js';
import { startLoopbackServer } from '../../fakes/loopback-server.js';
import { SCRIPTED_ANSWERS, type ScriptedRound } from './scripted-answers.js';

interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly unknown[];
}

export const SCRIPTED_MODEL = 'scripted:good';

/** A vendor whose model follows a script: it proves without a key that each case can be passed. */
export async function startScriptedVendor(
  answers: Readonly<Record<string, readonly ScriptedRound[]>> = SCRIPTED_ANSWERS,
): Promise<{
  /** Environment variables that make `scripted:good` one of the service's models. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}> {
  const listening = await startLoopbackServer((_request, response, bytes) => {
    const { messages, tools = [] } = JSON.parse(bytes.toString('utf8')) as ChatBody;
    // Without tools it is asked for a summary, not an answer.
    const round = tools.length === 0 ? 'They talked about coffee and books.' : roundOf(messages, answers);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunksOf(round, messages)) response.write(chunk);
    response.end();
  });
  const server = { name: 'scripted', base_url: `${listening.url}/v1`, model: 'good', context_tokens: 64_000 };
  return {
    variables: { LLM_SERVERS: JSON.stringify([server]) },
    close: () => listening.close(),
  };
}

/** Picks the round by the number of tool results since the person's last message. */
function roundOf(
  messages: ChatBody['messages'],
  answers: Readonly<Record<string, readonly ScriptedRound[]>>,
): ScriptedRound {
  const spokenAt = messages.findLastIndex(({ role }) => role === 'user');
  const spoken = textOf(messages[spokenAt]?.content);
  const results = messages.slice(spokenAt).filter(({ role }) => role === 'tool').length;
  const [, rounds = []] = Object.entries(answers).find(([question]) => spoken.endsWith(question)) ?? [];
  return rounds[results] ?? { call: 'no_answer', input: {} };
}

function chunksOf(round: ScriptedRound, messages: ChatBody['messages']): readonly string[] {
  if (typeof round !== 'string')
    return openAiDialect.toolCall(JSON.stringify(round.input), 'tool', round.call);
  const told = messages.map(({ content }) => textOf(content)).join('\n');
  const text = round.replace(/\{([^}]+)\}/gu, (_whole, title: string) => {
    const [, number = '0'] = new RegExp(`n="(\\d+)" title="${title}`, 'u').exec(told) ?? [];
    return `[${number}]`;
  });
  return openAiDialect.text(text);
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}
