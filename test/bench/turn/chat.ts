import { expectSuccess, type HttpClient } from '../kit/http-call.js';
import { median } from '../kit/statistics.js';

/** Messages, or calls, per round. */
export const MESSAGES = 100;

/** When a message was sent, when the model had the whole request, and when the answer was there. */
export interface Message {
  /** In microseconds of the shared monotonic clock. */
  readonly sent: number;
  readonly received: number;
  readonly answered: number;
}

/** Sends one message to a service whose model is `model-server.ts`. */
export async function chat(
  client: HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
  { person, question }: { readonly person: string; readonly question: string },
): Promise<Message> {
  const body = JSON.stringify({ user_id: person, messages: [{ role: 'user', content: question }] });
  const sentAt = now();
  const text = expectSuccess(await client.post(`${url}/v1/chat`, body, headers));
  const answered = now();
  const received = /Received (\d+)/.exec(text)?.[1];
  if (received === undefined) throw new Error(`the model was not asked: ${text}`);
  return { sent: sentAt, received: Number(received), answered };
}

export const untilModel = ({ sent, received }: Message): number => received - sent;

export async function repeat(once: (n: number) => Promise<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for (let n = 0; n < MESSAGES; n += 1) messages.push(await once(n));
  return messages;
}

export async function medianOf(once: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let n = 0; n < MESSAGES; n += 1) values.push(await once());
  return median(values);
}

export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = now();
  await work();
  return now() - started;
}

/** The address in the line with which a server says that it listens. */
export function addressIn(line: string): string {
  return line.replace(/.*listening on /, '').trim();
}

export function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
