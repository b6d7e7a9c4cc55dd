import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { shortId } from '../../src/lib/ids/short-id.js';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel } from '../fakes/discord/types.js';
import type { FakePerson } from '../fakes/whatsapp/person.js';
import type { FakePhone } from '../fakes/whatsapp/phone.js';
import { startFakeWhatsApp, type FakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, waitUntil } from '../support/wait.js';
import { ordersCsv } from '../tabular/sample-tables.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { runEntry, type EndedProcess } from './support/start-sapa.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const SPY = 41;
/** One member of the staff for each line, because a chat gets about one message a second. */
const spyOf = (line: string): number => SPY + LINES.indexOf(line);
const BOT = tokenFor('1100000000000000077');

let discord: FakeDiscord;
let app: FakeApp;
let room: FakeChannel;
let whatsapp: FakeWhatsApp;
let phone: FakePhone;
let person: FakePerson;
let env: Record<string, string>;
/** The business whose staff try to reach the tables of the other one. */
let spying: TelegramBusiness;
let bikes: SapaClient;
/** What the other business has. */
const theirs = { dataset: '', training: '', model: '' };

beforeAll(async () => {
  silenceLibsignal();
  [discord, whatsapp] = await Promise.all([startFakeDiscord(), startFakeWhatsApp()]);
  app = discord.world.app(BOT);
  room = discord.world.textChannel(discord.world.guild('Spies', app), 'room');
  phone = whatsapp.world.phone('6281100000001', 'Spies');
  person = whatsapp.world.person('6281200000002', 'Spy');
  env = {
    DISCORD_TOKEN: BOT,
    DISCORD_API_BASE: discord.apiBase,
    WHATSAPP_ENABLED: 'true',
    WHATSAPP_WS_URL: whatsapp.url,
    WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
    WHATSAPP_CA_FILE: whatsapp.caFile,
    WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
    LLM_CHAIN: 'extractive',
  };
  spying = await startTelegramBusiness({ staff: LINES.map(spyOf), env });
  const staff = [
    ...LINES.map((line) => ({ channel: 'telegram', user_id: String(spyOf(line)) })),
    { channel: 'discord', user_id: discord.world.member('spy').user.id },
    { channel: 'whatsapp', user_id: '6281200000002' },
  ];
  await spying.changeSettings({ staff, locale: 'en' });
  await pairWhatsApp();
  await waitUntil(() => app.gateway.isConnected);

  bikes = sapaClient({ url: spying.sapa.url, key: spying.sapa.adminKey, tenantId: 'bikes' });
  await bikes.call('PUT', '/v1/tenants/bikes/settings', { json: { name: 'bikes' } });
  const body = new FormData();
  body.append('file', new Blob([ordersCsv(80)], { type: 'text/csv' }), 'orders.csv');
  body.append('target', 'Hasil');
  body.append('name', 'retur');
  const trained = await bikes.call('POST', '/v1/train?wait=true', { body });
  expect(trained.body['status']).toBe('done');
  const [dataset] = (await bikes.call('GET', '/v1/datasets')).body['items'] as { dataset_id: string }[];
  theirs.dataset = dataset?.dataset_id ?? '';
  theirs.training = String(trained.body['training_id']);
  theirs.model = String(trained.body['model_id']);
}, 180_000);
afterAll(async () => {
  await spying.close();
  await Promise.all([discord.close(), whatsapp.close()]);
});

async function pairWhatsApp(): Promise<void> {
  const account = async () => {
    const { body } = await spying.shop.call('GET', '/v1/tenants/demo/channels');
    return (body['items'] as { channel: string; state?: string; qr?: string }[]).find(
      ({ channel }) => channel === 'whatsapp',
    );
  };
  const waiting = await eventually(account, (state) => state?.qr !== undefined);
  await phone.scans(waiting?.qr ?? '');
  await eventually(account, (state) => state?.state === 'open');
}

/** Everything the other business has, as its own staff see it. */
async function theirState(): Promise<string> {
  const paths = ['models', 'datasets', 'training-logs'];
  return (await Promise.all(paths.map(async (path) => (await bikes.call('GET', `/v1/${path}`)).text))).join();
}

async function firstNew(texts: () => readonly string[], act: () => unknown): Promise<string> {
  const before = texts().length;
  await act();
  const [reply = ''] = await eventually(
    () => texts().slice(before),
    ({ length }) => length > 0,
  );
  return reply;
}

const onTelegram = (line: string, spy = SPY): Promise<string> =>
  firstNew(
    () => spying.textsOf(spy),
    () => spying.person(spy).sends(line),
  );

/** Presses a button with this action under a message, as if it had come from the other business. */
const byButton = (action: string, spy = SPY): Promise<string> =>
  firstNew(
    () => spying.textsOf(spy),
    () => {
      const { bot } = spying;
      const content = {
        text: 'x',
        reply_markup: { inline_keyboard: [[{ text: 'Press', callback_data: action }]] },
      };
      spying.person(spy).presses(bot.store(bot.chat(spy), bot.me, content), 'Press');
    },
  );

const onDiscord = (
  [name, subcommand]: readonly [string, string?],
  options: Readonly<Record<string, string>>,
): Promise<string> =>
  firstNew(
    () => app.journal.texts(room.id),
    () =>
      discord.world
        .member('spy')
        .runs(app, room, name, options, subcommand === undefined ? {} : { subcommand }),
  );

const onWhatsApp = (line: string): Promise<string> =>
  firstNew(
    () =>
      person
        .sees(phone)
        .map(({ message }) => message.extendedTextMessage?.text ?? message.conversation ?? '')
        .filter((text) => text !== ''),
    () => person.writes(phone, line),
  );

async function sapa(...args: readonly string[]): Promise<EndedProcess> {
  return runEntry('src/cli.js', { dataDir: spying.sapa.dataDir, env, args });
}

/** Lines that name something of the other business: a dataset, a training or a model. */
const LINES = [
  '/datasets show DATASET',
  '/datasets ask DATASET count by Kota',
  '/datasets fix DATASET decimal=.',
  '/datasets remove DATASET',
  '/train Hasil | DATASET',
  '/train status | TRAINING',
  '/train stop | TRAINING',
  '/train without | MODEL',
  '/models show MODEL',
  '/models compare MODEL',
  '/models activate MODEL',
  '/models remove MODEL',
  '/models discard MODEL',
  '/predict with MODEL',
  '/predict Kota=Solo | MODEL',
];

type Named = Readonly<Record<'dataset' | 'training' | 'model', string>>;

function filled(line: string, { dataset, training, model }: Named): string {
  return line.replace('DATASET', dataset).replace('TRAINING', training).replace('MODEL', model);
}

const short = (): Named => ({
  dataset: shortId(theirs.dataset),
  training: shortId(theirs.training),
  model: shortId(theirs.model),
});
const names: Named = { dataset: 'orders', training: 'retur', model: 'retur' };
const nothing: Named = { dataset: 'nowhere', training: 'nowhere', model: 'nowhere' };

it('staff reach nothing of another business by id, short id or name, on Telegram and by its buttons', async () => {
  const before = await theirState();
  const tried = LINES.map(async (line) => {
    const spy = spyOf(line);
    const expected = await onTelegram(filled(line, nothing), spy);
    for (const named of [theirs, short(), names]) {
      const plain = (reply: string): string =>
        [...Object.values(named), 'nowhere'].reduce((text, name) => text.replaceAll(name, 'NAME'), reply);
      const replies = [await onTelegram(filled(line, named), spy), await byButton(filled(line, named), spy)];
      expect([line, ...replies.map(plain)]).toEqual([line, plain(expected), plain(expected)]);
    }
  });
  await Promise.all(tried);
  expect(await onTelegram('/datasets')).toContain('There are no tables yet');
  expect(await onTelegram('/models')).toContain('There are no models yet');
  // A button of a question belongs to the chat that was asked.
  expect(await byButton('/predict pick 1 0 0')).toContain('I am not asking for any values here now');
  expect(await theirState()).toBe(before);
});

it('staff reach nothing of another business by slash commands, their suggestions or WhatsApp', async () => {
  const before = await theirState();
  const missing = /cannot find|no such model|Send a CSV file/;
  const { dataset, model } = short();
  expect(await onDiscord(['datasets', 'show'], { dataset })).toMatch(missing);
  expect(await onDiscord(['datasets', 'ask'], { dataset: 'orders', question: 'count' })).toMatch(missing);
  expect(await onDiscord(['train'], { column: 'Hasil', dataset: theirs.dataset })).toMatch(missing);
  expect(await onDiscord(['models', 'show'], { model })).toMatch(missing);
  expect(await onDiscord(['models', 'remove'], { model: 'retur' })).toMatch(missing);
  expect(await onDiscord(['predict'], { values: 'Kota=Solo', model: theirs.model })).toMatch(missing);
  const typed = discord.world.member('spy').types(app, room, 'predict', 'model', '');
  await waitUntil(() => typed.answered !== undefined);
  expect(typed.answerData).toEqual({ choices: [] });
  for (const named of [theirs, names]) {
    for (const line of LINES) expect(await onWhatsApp(filled(line, named))).toMatch(missing);
  }
  expect(await theirState()).toBe(before);
});

it('two businesses with a model of the same name each have their own, from the command line too', async () => {
  const before = await theirState();
  const rows = Array.from({ length: 60 }, (_, row) => `${row % 7},${(row * 3) % 11},${(row % 7) * 2}`);
  const file = join(spying.sapa.dataDir, 'boats.csv');
  await writeFile(file, ['a,b,value', ...rows].join('\n'));
  const unknown = await sapa('train', file, '--tenant', 'demo', '--target', 'net_*value*');
  expect([unknown.code, unknown.stderr]).toEqual([1, 'The table has no column “net_*value*”.\n']);
  const foreign = await sapa('predict', file, '--tenant', 'demo', '--model', theirs.model);
  expect([foreign.code, foreign.stdout, foreign.stderr]).toEqual([
    1,
    '',
    expect.stringContaining('no such model'),
  ]);

  const trained = await sapa(
    'train',
    file,
    '--tenant',
    'demo',
    '--target',
    'value',
    '--name',
    'retur',
    '--json',
  );
  expect(trained.code, trained.stderr).toBe(0);
  const { model } = JSON.parse(trained.stdout) as { readonly model: Record<string, unknown> };
  expect(model).toMatchObject({ name: 'retur', version: 1, target: 'value', active: true });
  const predicted = await sapa('predict', file, '--tenant', 'demo', '--model', 'retur');
  expect(predicted.stdout.split(/\r?\n/)[0]).toBe('a,b,value,prediction');
  expect(await onTelegram('/models compare retur')).toMatch(/v1 \(in use\)(?![^]*v2)/);
  expect(await onTelegram('/predict a=3 | retur')).toContain('value is about');
  expect(await theirState()).toBe(before);
  const json = { model_id: 'retur', rows: [{ a: 1, b: 2 }] };
  const wrong = await bikes.call('POST', '/v1/predict', { json });
  expect([wrong.status, wrong.body['code']]).toEqual([422, 'missing_column']);
});
