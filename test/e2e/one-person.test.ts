import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import type { FakePerson } from '../fakes/whatsapp/person.js';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const ANI = 7;
const QUESTION = 'What are your opening hours?';

let whatsapp: FakeWhatsApp;
let business: TelegramBusiness;
let phone: FakePhone;
let ani: FakePerson;

beforeAll(async () => {
  silenceLibsignal();
  whatsapp = await startFakeWhatsApp();
  phone = whatsapp.world.phone('6281100000001', 'Toko Kopi');
  ani = whatsapp.world.person('6281200000002', 'Ani');
  business = await startTelegramBusiness({
    env: {
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_WS_URL: whatsapp.url,
      WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
      WHATSAPP_CA_FILE: whatsapp.caFile,
      WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    },
  });
  const account = async () => {
    const { body } = await business.shop.call('GET', '/v1/tenants/demo/channels');
    const items = body['items'] as { channel: string; state: string; qr?: string }[];
    return items.find(({ channel }) => channel === 'whatsapp');
  };
  const waiting = await eventually(account, (state) => state?.qr !== undefined);
  await phone.scans(waiting?.qr ?? '');
  await eventually(account, (state) => state?.state === 'open');
});
afterAll(async () => {
  await business.close();
  await whatsapp.close();
});

const list = async (path: string) =>
  (await business.shop.call('GET', path)).body['items'] as Record<string, string>[];
const onWhatsApp = (): readonly string[] =>
  ani.sees(phone).map(({ message }) => message.extendedTextMessage?.text ?? message.conversation ?? '');

it('a person who writes by WhatsApp, Telegram and web at once is one contact with one history', async () => {
  await business.greets(ANI, 'Ani');
  await ani.writes(phone, '/language en');
  await eventually(onWhatsApp, (texts) => texts.length > 0);
  await business.shop.chat('/help', { user_id: 'ani-web', locale: 'en' });
  const conversations = await list('/v1/conversations');
  const ids = new Set(conversations.map(({ contact_id: id }) => id ?? ''));
  expect(ids.size).toBe(3);
  const [into = '', ...others] = ids;
  for (const other of others)
    await business.shop.call('POST', `/v1/contacts/${into}/merge`, { json: { other_id: other } });
  const { body: planned } = await business.shop.call('POST', '/followup/schedule', {
    json: { contact_id: into, message: 'Still there?', in: '1 day' },
  });

  const before = { telegram: business.textsOf(ANI).length, whatsapp: onWhatsApp().length };
  business.person(ANI, 'Ani').sends(QUESTION);
  const [answer] = await Promise.all([
    business.shop.chat(QUESTION, { user_id: 'ani-web', locale: 'en' }),
    ani.writes(phone, QUESTION),
  ]);
  await business.reaches(ANI, '09:00', before.telegram);
  await eventually(onWhatsApp, (texts) => texts.length > before.whatsapp);
  expect(answer.source).toBe('faq');
  expect(business.textsOf(ANI)).toHaveLength(before.telegram + 1);
  expect(onWhatsApp()).toHaveLength(before.whatsapp + 1);

  const { body: contact } = await business.shop.call('GET', `/contacts/${others[0] ?? ''}`);
  expect(contact['id']).toBe(into);
  const channels = (contact['identities'] as { channel: string }[]).map(({ channel }) => channel);
  expect([...new Set(channels)].toSorted()).toEqual(['telegram', 'web', 'whatsapp']);
  expect(await list('/v1/contacts')).toHaveLength(1);
  const logs = await list(`/contacts/logs?limit=200&contact_id=${into}`);
  const incomingLogs = logs.filter(({ direction, text }) => direction === 'in' && text === QUESTION);
  expect(incomingLogs.map(({ channel }) => channel).toSorted()).toEqual(['telegram', 'web', 'whatsapp']);
  const times = logs.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  const { body: over } = await business.shop.call('GET', `/followup/${String(planned['id'])}`);
  expect(over).toMatchObject({ status: 'cancelled', reason: 'replied' });
});

it('a reply typed on the phone itself counts as a takeover and is sent to webhooks', async () => {
  const events = ['conversation.handover'];
  const { body: hook } = await business.shop.call('POST', '/hooks', {
    json: { url: 'https://shop.example/x', events },
  });
  await phone.answers(ani, 'This is the owner, one moment please.');
  const conversation = async () =>
    (await list('/v1/conversations?channel=whatsapp')).find(({ mode }) => mode === 'human');
  await eventually(conversation, (item) => item !== undefined);
  const deliveries = await eventually(
    () => list(`/hooks/${String(hook['id'])}/deliveries`),
    (items) => items.length > 0,
  );
  expect(deliveries).toMatchObject([{ type: 'conversation.handover' }]);
  const before = onWhatsApp().length;
  await ani.writes(phone, QUESTION);
  const id = (await conversation())?.['id'] ?? '';
  await eventually(
    async () =>
      (await list(`/v1/conversations/${id}/messages?limit=200`)).filter(({ text }) => text === QUESTION),
    (items) => items.length === 2,
  );
  expect(onWhatsApp()).toHaveLength(before);
});
