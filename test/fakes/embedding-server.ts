import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Seen {
  readonly url: string;
  readonly body: Record<string, unknown>;
}

/** Serves the embedding routes of both vendors over HTTP; `failure` makes it refuse. */
export class EmbeddingServer {
  readonly seen: Seen[] = [];
  failure: { readonly status: number; readonly headers?: Record<string, string> } | undefined;
  /** Tokens that OpenAI's route reports as used; `undefined`: reports none. */
  tokens: number | undefined = 1;
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request).then(({ status, headers, body }) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body)),
    );
  });

  constructor(public dimensions: number) {}

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(
    request: IncomingMessage,
  ): Promise<{ status: number; headers?: Record<string, string>; body: unknown }> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Record<string, unknown>;
    const url = request.url ?? '';
    this.seen.push({ url, body });
    if (this.failure) {
      const { status, headers = {} } = this.failure;
      return { status, headers, body: { error: { message: 'refused', code: status } } };
    }
    if (url.includes(':batchEmbedContents')) {
      const requests = body['requests'] as { content: { parts: { text: string }[] } }[];
      return {
        status: 200,
        body: {
          embeddings: requests.map((item) => ({ values: this.vector(item.content.parts[0]?.text ?? '') })),
        },
      };
    }
    const input = body['input'] as string[];
    // Reversed, as the API allows, because only the index counts.
    const data = input
      .map((item, index) => ({ object: 'embedding', index, embedding: this.vector(item) }))
      .reverse();
    return {
      status: 200,
      body: {
        object: 'list',
        data,
        model: body['model'],
        usage:
          this.tokens === undefined ? undefined : { prompt_tokens: this.tokens, total_tokens: this.tokens },
      },
    };
  }

  private vector(text: string): number[] {
    const bytes = createHash('sha256').update(text).digest();
    return Array.from({ length: this.dimensions }, (_, i) => (bytes[i % bytes.length] ?? 0) - 127.5);
  }
}
