import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InboundEvent } from '../../src/contracts/channel.js';
import { StoreError } from '../../src/contracts/stores.js';
import { acceptingSink } from '../../src/gateway/accepting-sink.js';
import {
  openPipeline,
  scopeOf,
  TENANT,
  type Pipeline,
  type Process,
} from '../delivery/support/open-pipeline.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { unsharedBots } from '../fakes/unshared-bots.js';

let pipeline: Pipeline;
let process: Process;
beforeAll(async () => {
  pipeline = await openPipeline();
  process = pipeline.start();
});
afterAll(() => pipeline.close());

const account = { id: 'bot', tenantId: TENANT, channel: 'telegram', config: {} };

function eventOf(eventId: string): InboundEvent {
  return {
    type: 'message',
    eventId,
    sequence: 1,
    sentAt: new Date(),
    chat: { chatId: '7', kind: 'direct' },
    sender: { id: '7', isBot: false },
    messageId: '1',
    parts: [{ type: 'text', text: 'hello' }],
    addressed: true,
  };
}

function sinkOver(service: Pipeline['service']): ReturnType<typeof acceptingSink> {
  const { intake, metrics } = process;
  return acceptingSink(account, { service, intake, metrics, logger: silentLogger, sharedBots: unsharedBots });
}

it('gives up an event that the store can never accept, after five attempts', async () => {
  const sink = sinkOver(pipeline.service);
  const tooLong = eventOf('x'.repeat(2_000));
  for (let tries = 1; tries < 5; tries++) await expect(sink.accept(tooLong)).rejects.toThrow();
  await expect(sink.accept(tooLong)).resolves.toBeUndefined();
  await sink.accept(eventOf('after'));
  expect(await (await scopeOf(pipeline.service)).inbox.get('bot:after')).toBeDefined();
});

it('waits for an unavailable or full store, however long it takes', async () => {
  for (const kind of ['unavailable', 'full'] as const) {
    const sink = sinkOver({ ...pipeline.service, scope: () => Promise.reject(new StoreError(kind, 'down')) });
    for (let tries = 0; tries < 20; tries++) {
      await expect(sink.accept(eventOf('1'))).rejects.toMatchObject({ kind });
    }
  }
});

it('stores nothing for a business that no longer exists', async () => {
  const sink = sinkOver({ ...pipeline.service, scope: () => Promise.resolve(undefined) });
  await expect(sink.accept(eventOf('2'))).resolves.toBeUndefined();
});
