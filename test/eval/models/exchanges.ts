import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { isObject } from '../../../src/lib/is-object.js';

/** One request to a vendor and its response. Headers and keys are not part of it. */
const exchangeSchema = z.strictObject({
  /** The model under evaluation, `provider:model`. */
  model: z.string(),
  method: z.string(),
  /** Without the query string, which may contain a key. */
  url: z.string(),
  /** The last thing the person said, and how many messages followed it; empty without messages. */
  question: z.string(),
  after: z.int(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** The connection broke. */
  isCut: z.boolean(),
});
export type Exchange = z.infer<typeof exchangeSchema>;

/** The settings of the service that was recorded, without keys. */
const runSchema = z.strictObject({ run: z.string(), variables: z.record(z.string(), z.string()) });
export type RecordedRun = z.infer<typeof runSchema>;

/** Vendors without a key are not configured. */
export const REPLAY_KEY = 'replayed';
const KEPT_HEADERS = ['content-type', 'retry-after', 'retry-after-ms'];
const DEFAULT_URLS = {
  OPENAI: 'https://api.openai.com',
  ANTHROPIC: 'https://api.anthropic.com',
  GEMINI: 'https://generativelanguage.googleapis.com',
} as const;

interface Vendors {
  /** The origins of the vendors; requests to others are neither recorded nor replayed. */
  readonly origins: readonly string[];
  /** The keys in use. */
  readonly keys: readonly string[];
}

/** The vendors that a service with these settings calls. */
export function vendorsOf(variables: Readonly<Record<string, string | undefined>>): Vendors {
  const servers = z
    .array(z.looseObject({ base_url: z.string(), api_key: z.string().optional() }))
    .parse(JSON.parse(variables['LLM_SERVERS'] ?? '[]'));
  const names = Object.entries(DEFAULT_URLS);
  const urls = [
    ...names.map(([name, url]) => variables[`${name}_BASE_URL`] ?? url),
    ...servers.map((server) => server.base_url),
  ];
  const keys = [
    ...names.map(([name]) => variables[`${name}_API_KEY`]),
    ...servers.map((server) => server.api_key),
  ];
  return {
    origins: urls.map((url) => new URL(url).origin),
    keys: keys.flatMap((key) => (key === undefined || key === '' ? [] : [key])),
  };
}

/** The settings for a replay: the same vendors with a key that opens nothing. */
export function withoutKeys(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const text = JSON.stringify(variables);
  const clean = vendorsOf(variables).keys.reduce((rest, key) => rest.replaceAll(key, REPLAY_KEY), text);
  return z.record(z.string(), z.string()).parse(JSON.parse(clean));
}

/** A `fetch` that appends each exchange with a vendor to a file. */
export function recordingFetch(
  original: typeof fetch,
  { file, model, vendors }: { readonly file: string; readonly model: string; readonly vendors: Vendors },
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (!vendors.origins.includes(new URL(request.url).origin)) return original(input, init);
    const asked = await readRequest(request.clone());
    const response = await original(request);
    const headers = headersOf(response);
    const save = (body: string, isCut: boolean): void => {
      const exchange: Exchange = { model, ...asked, status: response.status, headers, body, isCut };
      const line = vendors.keys.reduce(
        (text, key) => text.replaceAll(key, REPLAY_KEY),
        JSON.stringify(exchange),
      );
      appendFileSync(file, `${line}\n`);
    };
    const body = response.body === null ? null : ReadableStream.from(copied(response.body, save));
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

/** Passes a body on and saves it, even if it breaks off. A client may stop reading at the last event. */
async function* copied(
  body: ReadableStream<Uint8Array>,
  save: (text: string, isCut: boolean) => void,
): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let isCut = false;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      yield piece;
    }
  } catch (error) {
    isCut = true;
    throw error;
  } finally {
    save(Buffer.concat(pieces).toString('utf8'), isCut);
  }
}

/**
 * A `fetch` that answers for the vendors from recorded exchanges. The same question again gets the next
 * response recorded for it, and the last one for ever. `onMissing` learns of questions without any.
 */
export function replayingFetch(
  original: typeof fetch,
  options: {
    readonly exchanges: readonly Exchange[];
    readonly vendors: Vendors;
    readonly onMissing: (question: string) => void;
  },
): typeof fetch {
  const left = new Map<string, Exchange[]>();
  for (const each of options.exchanges) left.set(keyOf(each), [...(left.get(keyOf(each)) ?? []), each]);
  return async (input, init) => {
    const request = new Request(input, init);
    if (!options.vendors.origins.includes(new URL(request.url).origin)) return original(input, init);
    const asked = await readRequest(request);
    const recorded = left.get(keyOf(asked)) ?? [];
    const exchange = recorded.length > 1 ? recorded.shift() : recorded[0];
    if (exchange === undefined) {
      options.onMissing(asked.question === '' ? asked.url : asked.question);
      return Response.json({ error: { message: 'not recorded', code: 404 } }, { status: 404 });
    }
    return new Response(exchange.isCut ? cut(exchange.body) : exchange.body, exchange);
  };
}

function cut(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
    },
    pull(controller) {
      controller.error(new TypeError('terminated'));
    },
  });
}

type Asked = Pick<Exchange, 'method' | 'url' | 'question' | 'after'>;

function keyOf({ method, url, question, after }: Asked): string {
  return JSON.stringify([method, url, question, after]);
}

async function readRequest(request: Request): Promise<Asked> {
  const { origin, pathname } = new URL(request.url);
  const text = await request.text();
  const asked = { method: request.method, url: `${origin}${pathname}` };
  return { ...asked, ...questionIn(text === '' ? undefined : JSON.parse(text)) };
}

/** Finds the last message of the person in a request to any vendor. */
function questionIn(body: unknown): Pick<Asked, 'question' | 'after'> {
  const messages = isObject(body) ? (body['messages'] ?? body['contents'] ?? body['input']) : undefined;
  if (!Array.isArray(messages)) return { question: '', after: 0 };
  const texts = messages.map((message: unknown) => textOfPerson(message));
  const at = texts.findLastIndex((text) => text !== undefined);
  // Time and place come before the question, and are different in each run.
  const question = texts[at]?.split('\n\n').at(-1) ?? '';
  return { question, after: messages.length - 1 - at };
}

/** `undefined`: a message of the model, or the result of a tool. */
function textOfPerson(message: unknown): string | undefined {
  if (!isObject(message) || message['role'] !== 'user') return undefined;
  const content = message['content'] ?? message['parts'];
  if (typeof content === 'string') return content;
  const last: unknown = Array.isArray(content) ? content.at(-1) : undefined;
  return isObject(last) && typeof last['text'] === 'string' ? last['text'] : undefined;
}

function headersOf(response: Response): Exchange['headers'] {
  return Object.fromEntries([...response.headers].filter(([name]) => KEPT_HEADERS.includes(name)));
}

/** Everything in a file written by `--record`. */
export function readRecording(file: string): {
  readonly runs: readonly RecordedRun[];
  readonly exchanges: readonly Exchange[];
} {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const all = lines.map((line) => z.union([runSchema, exchangeSchema]).parse(JSON.parse(line)));
  return {
    runs: all.filter((each) => 'run' in each),
    exchanges: all.filter((each) => 'model' in each),
  };
}

export function writeRun(file: string, run: RecordedRun): void {
  appendFileSync(file, `${JSON.stringify(run)}\n`);
}
