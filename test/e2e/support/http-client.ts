import { z } from 'zod';
import { eventually } from '../../support/wait.js';

const citationSchema = z.strictObject({
  n: z.int().positive(),
  document_id: z.string(),
  chunk_id: z.string(),
  title: z.string(),
  quote: z.string(),
  score: z.number(),
});

/** The answer to a message exactly as documented in INTERFACE, with nothing missing or added. */
export const answerSchema = z.strictObject({
  conversation_id: z.string().min(1),
  message_id: z.string().min(1),
  answer: z.string(),
  bubbles: z.array(z.strictObject({ type: z.literal('text'), text: z.string() })),
  source: z.enum(['faq', 'knowledge', 'model', 'tool', 'command', 'fallback', 'human']),
  citations: z.array(citationSchema),
  choices: z.array(z.strictObject({ label: z.string(), send: z.string() })).optional(),
  pending_confirmation: z
    .strictObject({
      id: z.string(),
      tool: z.string(),
      arguments: z.record(z.string(), z.unknown()),
      summary: z.string(),
      expires_at: z.iso.datetime(),
    })
    .optional(),
  locale: z.enum(['en', 'id']),
  model: z.string(),
  usage: z.strictObject({ input_tokens: z.int(), output_tokens: z.int(), cost_micros: z.int() }),
});

export type ChatAnswer = z.output<typeof answerSchema>;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: NonNullable<RequestInit['body']>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body of a JSON answer; empty for anything else. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a client program does: sends requests with a key and optionally a tenant. */
export interface SapaClient {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Sends a message and returns the validated answer; rejects if it is not one. */
  chat(
    text: string,
    more?: Readonly<Record<string, unknown>>,
    headers?: CallOptions['headers'],
  ): Promise<ChatAnswer>;
  /** Uploads one file as a browser's form does. */
  upload(fileName: string, bytes: Uint8Array | string, type?: string): Promise<Answer>;
}

export interface ClientOptions {
  readonly url: string;
  readonly key?: string;
  readonly tenantId?: string;
}

export function sapaClient({ url, key, tenantId }: ClientOptions): SapaClient {
  const identity = {
    ...(key === undefined ? {} : { 'X-API-Key': key }),
    ...(tenantId === undefined ? {} : { 'X-Tenant-Id': tenantId }),
  };
  const call: SapaClient['call'] = async (method, path, options = {}) => {
    const { headers = {}, json, body = json === undefined ? undefined : JSON.stringify(json) } = options;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...identity,
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed = isJson ? z.record(z.string(), z.unknown()).parse(JSON.parse(text)) : {};
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
  return {
    call,
    async chat(text, more = {}, headers = {}) {
      const json = { user_id: 'person-1', messages: [{ role: 'user', content: text }], ...more };
      const answer = await call('POST', '/v1/chat', { json, headers });
      if (answer.status !== 200) throw new Error(`chat: ${answer.status} ${answer.text}`);
      return answerSchema.parse(answer.body);
    },
    upload(fileName, bytes, type = 'application/octet-stream') {
      const form = new FormData();
      const content = typeof bytes === 'string' ? bytes : new Uint8Array(bytes);
      form.append('file', new Blob([content], { type }), fileName);
      return call('POST', '/v1/kb/upload', { body: form });
    },
  };
}

/**
 * Resolves once the sample's files are ready. The service's start waits for them only briefly; on a busy
 * machine they take longer.
 */
export async function waitForSample(demo: SapaClient): Promise<void> {
  const unread = async (): Promise<unknown[]> => {
    const { items } = (await demo.call('GET', '/v1/kb/documents?limit=200')).body as {
      items: { status: string }[];
    };
    return items.filter(({ status }) => status !== 'ready');
  };
  await eventually(unread, (documents) => documents.length === 0, 90_000);
}
