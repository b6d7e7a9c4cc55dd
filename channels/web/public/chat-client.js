// Talks to the service: a visitor's session, streamed answers, ratings, history.
import { createParser } from './vendor/eventsource-parser.js';

const STORAGE_KEY = 'sapa-visitor';

export class ChatError extends Error {
  constructor(code, retryAfterSeconds) {
    super(code);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class ChatClient {
  constructor(origin, tenant) {
    this.origin = origin;
    this.tenant = tenant;
    this.visitor = readVisitor();
  }

  /** Loads the texts of the page in one language; creates a visitor if there is none yet. */
  begin(locale) {
    this.beginning = this.#session(locale).finally(() => (this.beginning = undefined));
    return this.beginning;
  }

  async #session(locale) {
    const body = {
      ...(this.tenant === undefined ? {} : { tenant: this.tenant }),
      ...(locale === undefined ? {} : { locale }),
    };
    const session = await this.json('POST', '/v1/web/session', body, false);
    if (this.visitor?.tenant !== session.tenant.id) {
      this.visitor = { token: session.token, tenant: session.tenant.id };
      keepVisitor(this.visitor);
    }
    return session;
  }

  /** Forgets the visitor: the next session belongs to a new one. */
  forget() {
    this.visitor = undefined;
    keepVisitor(undefined);
  }

  history() {
    return this.json('GET', '/v1/web/history?limit=100&newest=true');
  }

  rate(messageId, rating) {
    return this.json('POST', `/v1/web/chat/${encodeURIComponent(messageId)}/feedback`, { rating });
  }

  /**
   * Sends one message and calls `hear(event, data)` for each part of the answer. The key identifies the
   * message when it is sent again, so that a lost connection never asks twice.
   */
  async ask(text, key, locale, hear, signal) {
    const response = await this.request('POST', '/v1/web/chat', {
      body: { messages: [{ role: 'user', content: text }], locale },
      headers: { accept: 'text/event-stream', 'idempotency-key': key },
      signal,
    });
    let finished = false;
    for await (const { event, data } of serverSentEvents(response.body)) {
      if (event === 'error') throw new ChatError(data.code ?? 'error');
      if (event === 'done') finished = true;
      hear(event, data);
    }
    if (!finished) throw new ChatError('connection_lost');
  }

  /** Stops the answer to the message sent with this key; what has been written of it is kept. */
  stop(key) {
    return this.json('POST', '/v1/web/chat/stop', { idempotency_key: key });
  }

  /** Calls `hear(event, data)` for everything sent to this visitor, until the connection ends. */
  async follow(after, locale, hear, signal) {
    const query = new URLSearchParams({
      ...(after === undefined ? {} : { after }),
      ...(locale === undefined ? {} : { locale }),
    });
    const response = await this.request('GET', `/v1/web/events?${query}`, {
      headers: { accept: 'text/event-stream' },
      signal,
    });
    for await (const { event, data } of serverSentEvents(response.body)) hear(event, data);
  }

  async json(method, path, body, authorised = true) {
    const response = await this.request(method, path, { body, authorised });
    return response.status === 204 ? undefined : response.json();
  }

  async request(method, path, { body, headers = {}, signal, authorised = true } = {}) {
    // A request made before the session is loaded would be refused, so it waits for the session.
    if (authorised && this.visitor === undefined) await (this.beginning ?? this.begin());
    let response;
    try {
      response = await fetch(this.origin + path, {
        method,
        signal,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(authorised && this.visitor ? { authorization: `Bearer ${this.visitor.token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ChatError('connection_lost');
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new ChatError(
      problem.code ?? String(response.status),
      Number(response.headers.get('retry-after')) || undefined,
    );
  }
}

async function* serverSentEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const heard = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data }) => heard.push({ event, data: JSON.parse(data) }),
  });
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ChatError('connection_lost');
    });
    if (done) return;
    parser.feed(value);
    yield* heard.splice(0);
  }
}

function readVisitor() {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY)) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepVisitor(visitor) {
  try {
    if (visitor === undefined) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, JSON.stringify(visitor));
  } catch {
    // Without storage the chat lasts as long as the page.
  }
}
