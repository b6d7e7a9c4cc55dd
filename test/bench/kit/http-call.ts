import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** POSTs over keep-alive connections of plain `node:http`, the cheapest client in Node. */
export class HttpClient {
  private readonly agent: Agent;

  constructor(maxSockets: number) {
    this.agent = new Agent({ keepAlive: true, maxSockets, scheduling: 'lifo' });
  }

  post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const clientRequest = request(
        url,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      clientRequest.on('error', reject);
      clientRequest.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Returns the body; throws with it if the status is not a success. */
export function expectSuccess({ status, text }: Answer): string {
  if (status >= 300) throw new Error(`HTTP ${status}: ${text.slice(0, 500)}`);
  return text;
}
