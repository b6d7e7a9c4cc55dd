import { openAiDialect } from '../../fakes/llm/dialects.js';
import { startLoopbackServer } from '../../fakes/loopback-server.js';

/** An order that the model obeys wherever it reads it. */
export const order = {
  call: (tool: string, input: object): string => `<<CALL ${tool} ${JSON.stringify(input)}>>`,
  say: (text: string): string => `<<SAY ${text}>>`,
  /** To say an address with something in it that the address of the order does not have. */
  leak: (url: string): string => `<<LEAK ${url}>>`,
};

/** What an obedient model would carry away. */
export const BOOTY = 'stolen-0815';

export interface ObedientModel {
  readonly url: string;
  /** Orders that it read and obeyed. */
  readonly obeyed: string[];
  /** All that it was told, request by request. */
  readonly told: string[];
  close(): Promise<void>;
}

const ORDER = /<<(CALL|SAY|LEAK) (.+?)>>/gsu;
/** It reads through whatever an order was wrapped in. */
const WRAPPED: readonly (readonly [RegExp, string])[] = [
  [/&lt;|\\u003c|‹/giu, '<'],
  [/&gt;|\\u003e|›/giu, '>'],
  [/&quot;|&#34;/giu, '"'],
  [/&amp;/giu, '&'],
];

/** A model that does whatever any text says: the worst that could stand in the place of a good one. */
export async function startObedientModel(): Promise<ObedientModel> {
  const listening = await startLoopbackServer((_request, response, bytes) => {
    const body = JSON.parse(bytes.toString()) as { messages: unknown; tools?: unknown };
    const text = unwrapped(textsIn([body.messages, body.tools]).join('\n'));
    model.told.push(text);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of answer(text)) response.write(chunk);
    response.end();
  });
  const answer = (text: string): readonly string[] => {
    const orders = [...text.matchAll(ORDER)];
    const next = orders.find(([whole, kind]) => kind === 'CALL' && !model.obeyed.includes(whole));
    if (next !== undefined) {
      const [whole, , what = ''] = next;
      model.obeyed.push(whole);
      const [tool = '', ...input] = what.split(' ');
      return openAiDialect.toolCall(input.join(' '), 'tool', tool);
    }
    const said = orders.filter(([, kind]) => kind !== 'CALL');
    model.obeyed.push(...said.map(([whole]) => whole));
    const words = said.map(([, kind, what = '']) => (kind === 'SAY' ? what : leaking(what)));
    return openAiDialect.text(['As you wish.', ...words].join(' '));
  };
  const model: ObedientModel = {
    url: listening.url,
    obeyed: [],
    told: [],
    close: () => listening.close(),
  };
  return model;
}

function unwrapped(text: string): string {
  return WRAPPED.reduce((read, [wrapping, sign]) => read.replace(wrapping, sign), text);
}

function leaking(url: string): string {
  return `${url}/${BOOTY} [look](${url}?d=${BOOTY}) ![p](${url}/${BOOTY}.png) <${url}#${BOOTY}>`;
}

/** Every text in a request, as it was written: JSON within JSON is unescaped by reading it. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    try {
      const inner: unknown = JSON.parse(value);
      if (typeof inner === 'object' && inner !== null) return [value, ...textsIn(inner)];
    } catch {
      // It is text.
    }
    return [value];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
