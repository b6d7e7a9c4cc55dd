import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChannelDesk } from '../../src/gateway/index.js';
import type { Outreach } from '../../src/contracts/chat.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import { createI18n } from '../../src/i18n/index.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { qrAsPng } from '../../src/lib/channels/qr-code.js';
import { hurriedClock } from '../fakes/hurried-clock.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../fakes/test-store.js';
import { eventually, pause } from '../support/wait.js';

const ACCOUNT = { id: 'shop.whatsapp', channel: 'whatsapp', isPaused: false, pairsBy: ['qr'] } as const;

interface Said {
  readonly text: string;
  readonly pictures: readonly Uint8Array[];
}

let store: TestStore;
let scope: TenantScope;
beforeAll(async () => {
  store = await openTestStore();
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
  await store.service.putAccount({ id: ACCOUNT.id, tenantId: 'shop', channel: 'whatsapp', config: {} });
  const opened = await store.service.scope('shop');
  if (opened === undefined) throw new Error('unreachable');
  scope = opened;
});
afterAll(async () => {
  await store.service.removeTenant('shop');
  await store.close();
});

function recordingOutreach(said: Said[]): Outreach {
  const say: Outreach['say'] = async (_scope, _conversationId, _key, words) => {
    if (typeof words === 'string') throw new Error('not expected');
    const files = words.files ?? [];
    const pictures = await Promise.all(
      files.map(async ({ id }) => (await scope.files.read(id)) ?? new Uint8Array()),
    );
    said.push({ text: words.text, pictures });
    return undefined;
  };
  return { say } as Outreach;
}

it('shows whoever pairs a number each new QR code as a picture, once, and then that it is paired', async () => {
  const said: Said[] = [];
  const clock = hurriedClock([], 20);
  const { service } = store;
  const desk = createChannelDesk({
    service,
    channels: [],
    outreach: recordingOutreach(said),
    i18n: createI18n({ folder: 'locales' }),
    makeId,
    clock,
    logger: silentLogger,
  });
  const shows = (qr: string) =>
    service.putConnectionState(ACCOUNT.id, { state: 'needs-pairing', reason: 'scan it', qr });
  const asker = {
    scope,
    conversationId: 'c',
    locale: 'en',
    key: 'k',
    signal: new AbortController().signal,
  } as const;
  const offering = desk.pair(ACCOUNT, { method: 'qr' }, asker);
  await pause(50);
  await shows('first code');
  expect(await offering).toEqual({ type: 'qr', png: qrAsPng('first code') });
  for (const [index, code] of ['second code', 'third code'].entries()) {
    await shows(code);
    await eventually(
      () => said.length,
      (count) => count === index + 1,
    );
    await pause(100);
  }
  const expected = ['second code', 'third code'].map((code) => [Buffer.from(qrAsPng(code))]);
  expect(said.map(({ pictures }) => pictures.map((bytes) => Buffer.from(bytes)))).toEqual(expected);
  await service.putConnectionState(ACCOUNT.id, { state: 'open' });
  await eventually(
    () => said.at(-1)?.text ?? '',
    (text) => text.includes('is paired and connected'),
  );
  desk.close();
});
