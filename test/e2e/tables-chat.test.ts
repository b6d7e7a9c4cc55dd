import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import type { FakeMessage } from '../fakes/telegram/types.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const OWNER = 501;
const ORDERS = readFileSync(join(projectRoot, 'docs/examples/orders.csv'));
/** Enough for a training on a busy machine, in ms. */
const PATIENCE_MS = 90_000;
/** Folder for the pictures, for anyone who wants to look at them; absent: not written. */
const { PICTURES } = process.env;

let telegram: FakeTelegram;
let sapa: RunningSapa;
let bot: FakeBot;
let shop: SapaClient;

beforeAll(async () => {
  telegram = await startFakeTelegram();
  const token = '100:a-secret-token-of-a-test';
  bot = telegram.bot(token);
  sapa = await startSapa({
    env: { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot, LLM_CHAIN: 'extractive' },
  });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  const staff = [{ channel: 'telegram', user_id: String(OWNER) }];
  await shop.call('PATCH', '/v1/tenants/demo/settings', { json: { staff } });
});
afterAll(async () => {
  await sapa.stop();
  await removeDataDir(sapa.dataDir);
  await telegram.close();
});

const owner = () => bot.user(OWNER, OWNER, { language_code: 'en' });
const messagesOf = (): readonly FakeMessage[] => bot.journal.messages(OWNER);
const buttonsOf = (message: FakeMessage | undefined): string[] =>
  (message?.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);

/** The first message after the first `after` messages that matches these words. */
async function next(after: number, words: RegExp): Promise<FakeMessage> {
  const wordsOf = ({ text, caption }: FakeMessage): string =>
    text ?? (typeof caption === 'string' ? caption : '');
  const all = await eventually(
    () => messagesOf().slice(after),
    (messages) => messages.some((message) => words.test(wordsOf(message))),
    PATIENCE_MS,
  );
  const match = all.find((message) => words.test(wordsOf(message)));
  if (match === undefined) throw new Error('nothing came');
  return match;
}

/** Performs the action and waits for an answer that matches these words. */
async function then(act: () => unknown, words: RegExp): Promise<FakeMessage> {
  const before = messagesOf().length;
  act();
  return next(before, words);
}

function fileOf(message: FakeMessage | undefined): { name: string; bytes: Uint8Array } {
  const file = message?.['file'] as { name: string; bytes: Uint8Array } | undefined;
  if (file === undefined) throw new Error('the message has no file');
  if (PICTURES !== undefined && file.name.endsWith('.png')) {
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(join(PICTURES, file.name), file.bytes);
  }
  return file;
}

describe('an owner on Telegram', () => {
  it('sends a CSV, presses what to predict, and watches one message until the report arrives', async () => {
    const question = await then(
      () => owner().sendsFile('document', ORDERS, 'orders.csv', 'text/csv', { caption: '/train' }),
      /Which column/,
    );
    expect(question.text).toContain('semicolons between columns, decimal comma, day before month');
    expect(buttonsOf(question)).toContain('Predict hasil');

    const before = messagesOf().length;
    owner().presses(question, 'Predict hasil');
    const progress = await next(before, /Learning|learning/);
    const report = await next(before, /It is right in \d+ of 100/);
    const over = messagesOf().find(({ message_id: id }) => id === progress.message_id);
    expect([over?.text, buttonsOf(over)]).toEqual([
      'Done: I have learned to predict hasil. The report follows.',
      [],
    ]);
    const edits = bot.journal.callsOf('editMessageText').map(({ params }) => params['message_id']);
    expect(new Set(edits)).toEqual(new Set([progress.message_id]));
    expect(report.text).toMatch(/guessing .* would be right in \d+/);
    expect(report.text).toContain('What matters most: ');
    const pictures = await eventually(
      () =>
        messagesOf()
          .slice(before)
          .filter(({ photo }) => photo !== undefined),
      (all) => all.length === 3,
    );
    expect(pictures.map((each) => fileOf(each).name)).toEqual([
      'hasil-importance.png',
      'hasil-confusion.png',
      'hasil-calibration.png',
    ]);
    expect(buttonsOf(pictures.at(-1))).toEqual(['Predict a row']);
  });

  it('is asked for one value after another, with buttons for the usual ones', async () => {
    const start = await then(() => owner().sends('/predict'), /most important first/);
    let question = start;
    expect(question.text).toContain('(1 of 6)');
    for (let step = 1; ; step += 1) {
      const column = /(\S+) \(\d of 6\)/.exec(question.text ?? '')?.[1] ?? '';
      if (step === 6) break;
      const [first] = buttonsOf(question);
      const more = new RegExp(`\\(${step + 1} of 6\\)`);
      if (column === 'total') {
        const again = await then(() => owner().sends('a lot'), /“a lot” is not a number/);
        expect(again.text).toContain('total');
        question = await then(() => owner().sends('Rp 1.250.000'), more);
      } else if (column === 'tanggal') question = await then(() => owner().sends('3 Februari 2026'), more);
      else question = await then(() => owner().presses(question, first ?? ''), more);
    }
    const reply = await then(() => owner().presses(question, 'Skip'), /% sure/);
    expect(reply.text).toMatch(/hasil: (?:tetap|kembali) \(\d+ % sure\)\nBecause: /);
    expect(buttonsOf(reply)).toEqual(['Another one']);
    // A button of an earlier question corrects the answer to that question.
    await then(() => owner().presses(start, 'Skip'), /% sure/);
    const other = await then(() => owner().sends('do you sell coffee?'), /./);
    expect(other.text).not.toContain('% sure');
    // One of an earlier prediction does not change the next.
    const next = await then(() => owner().presses(reply, 'Another one'), /\(1 of 6\)/);
    const wrong = await then(() => owner().presses(start, 'Skip'), /belongs to another prediction/);
    expect(wrong.text).toContain('(1 of 6)');
    await then(() => owner().presses(next, 'Predict now'), /% sure/);
  });

  it('gives the values in one line, or sends a file and gets it back with reasons', async () => {
    const reply = await then(
      () => owner().sends('/predict total=1250000 kota=Medan ukuran_ditanya=tidak warna=biru'),
      /% sure/,
    );
    expect(reply.text).toContain('There is no column “warna”, so its value was not used.');
    expect(reply.text).toMatch(/Because: .*kota Medan/);
    const before = messagesOf().length;
    owner().sendsFile('document', ORDERS, 'orders.csv', 'text/csv', { caption: '/predict' });
    const file = await eventually(
      () =>
        messagesOf()
          .slice(before)
          .find(({ document }) => document !== undefined),
      (message) => message !== undefined,
      PATIENCE_MS,
    );
    const { name, bytes } = fileOf(file);
    const lines = Buffer.from(bytes).toString().trimEnd().split('\r\n');
    expect([name, lines.length, lines[0]]).toEqual([
      'orders-predicted.csv',
      401,
      `${ORDERS.toString().split('\n')[0]?.trim() ?? ''};prediction;probability;because`,
    ]);
    expect(lines[1]).toMatch(/^KK-10001;02\/01\/2026;.*;tetap;(?:tetap|kembali);0\.\d{4};".*=.* \([+-]\)/);
  });

  it('compares versions and returns to the previous one with a button', async () => {
    const before = messagesOf().length;
    owner().sends('/train hasil');
    await next(before, /It is right in \d+ of 100/);
    const list = await then(() => owner().sends('/models'), /2 models/);
    const versions = await then(() => owner().presses(list, 'Versions of hasil'), /Versions of hasil/);
    expect(versions.text).toMatch(/v2 \(in use\), [\d-]+: right in \d+ of 100.*\n.*v1, /);
    await then(() => owner().presses(versions, 'Use v1'), /version 1 is used from now on/);
    const { body } = await shop.call('GET', '/v1/models');
    const active = (body['items'] as { version: number; active: boolean }[]).filter((each) => each.active);
    expect(active).toMatchObject([{ version: 1 }]);
  });

  it('sees what a table contains, and corrects how it is read', async () => {
    const before = messagesOf().length;
    owner().sends('/datasets show orders');
    const table = await next(before, /How I read it/);
    const picture = await eventually(
      () =>
        messagesOf()
          .slice(before)
          .find(({ photo }) => photo !== undefined),
      (message) => message !== undefined,
    );
    expect(fileOf(picture).name).toBe('orders-columns.png');
    const id = /`?([A-Za-z0-9_-]{6,})`?\)/.exec(table.text ?? '')?.[1] ?? '';
    const fixed = await then(
      () => owner().sends(`/datasets fix ${id} decimal=. kota=id`),
      /read the table again/,
    );
    expect(fixed.text).toMatch(/decimal point/);
    expect(fixed.text).toMatch(/kota: key/);
    const back = await then(() => owner().presses(fixed, 'Decimal comma: 1,5'), /read the table again/);
    expect(back.text).toMatch(/decimal comma/);
    expect(back.text).toMatch(/kota: key/);
    const unclear = await then(() => owner().sends(`/datasets fix ${id} total=money`), /do not understand/);
    expect(unclear.text).toContain('total=money');
  });

  it('gets answers about a table counted from its rows, in chat and for models', async () => {
    const outcomes = ORDERS.toString()
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(';').at(-1));
    const stayingCount = outcomes.filter((outcome) => outcome === 'tetap').length;
    const reply = await then(
      () => owner().sends('/datasets ask orders count by hasil'),
      /counted from 400 rows/,
    );
    expect(reply.text).toContain(`tetap: ${stayingCount}`);
    const before = messagesOf().length;
    owner().sends('/datasets ask orders jumlah total per bulan');
    await next(before, /2026-01/);
    const chart = await eventually(
      () =>
        messagesOf()
          .slice(before)
          .find(({ photo }) => photo !== undefined),
      (message) => message !== undefined,
    );
    expect(fileOf(chart).name).toBe('orders-answer.png');

    const client = new Client({ name: 'desk', version: '1' });
    const headers = { 'X-API-Key': sapa.adminKey, 'X-Tenant-Id': 'demo' };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${sapa.url}/v1/mcp`), { requestInit: { headers } }),
    );
    const call = async (name: string, input: Record<string, unknown>): Promise<unknown> => {
      const { content } = await client.callTool({ name, arguments: input });
      const [first] = content as readonly { readonly text?: string }[];
      return JSON.parse(first?.text ?? 'null') as unknown;
    };
    try {
      expect(await call('ask_dataset', { dataset: 'orders', measure: 'count', by: 'hasil' })).toMatchObject({
        counted_rows: 400,
        lines: [{ group: 'tetap', value: stayingCount }, { value: 400 - stayingCount }],
      });
      expect(await call('predict', { row: { total: 1_250_000, kota: 'Medan' } })).toMatchObject({
        target: 'hasil',
        prediction: expect.stringMatching(/tetap|kembali/) as string,
        because: [{ speaks: expect.stringMatching(/for|against/) as string }, {}, {}],
      });
    } finally {
      await client.close();
    }
  });

  it('stops a training with a button and hears no more of it', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) =>
      [row % 97, (row * 31) % 1009, (row * 17) % 503, Math.sin(row) * 1000].join(','),
    );
    const table = Buffer.from(['a,b,c,value', ...rows].join('\n'));
    const begun = await then(
      () => owner().sendsFile('document', table, 'long.csv', 'text/csv', { caption: '/train value' }),
      /I am learning/,
    );
    await then(() => owner().presses(begun, 'Stop'), /The training is stopped/);
    const over = await eventually(
      () => messagesOf().find(({ message_id: id }) => id === begun.message_id),
      (message) => message?.text?.includes('is stopped') === true,
    );
    expect(buttonsOf(over)).toEqual([]);
    const logs = await shop.call('GET', '/v1/training-logs');
    expect(logs.body['items']).toMatchObject([{ status: 'failed', filename: 'long.csv' }, {}, {}]);
    // This one was over long ago.
    const late = await then(() => owner().sends('/train stop | hasil'), /too late to stop/);
    expect(late.text).toContain('I have learned to predict hasil');
  });

  it('is told which column gives the answer away, and trains again without it by a button', async () => {
    const rows = Array.from({ length: 80 }, (_, row) => {
      const isBack = (row * 7) % 10 < (row % 2 === 0 ? 7 : 2);
      const refund = isBack ? 50_000 + row : 0;
      return `${row % 2 === 0 ? 'post' : 'courier'},${20 + ((row * 13) % 60)},${refund},${isBack ? 'yes' : 'no'}`;
    });
    const table = Buffer.from(['sent,weight,refund,returned', ...rows].join('\n'));
    const before = messagesOf().length;
    owner().sendsFile('document', table, 'parcels.csv', 'text/csv', { caption: '/train returned' });
    const report = await next(before, /“refund” all but gives the answer away/);
    expect(report.text).toMatch(/What matters most: refund/);
    const withButton = await eventually(
      () => messagesOf().find((message) => buttonsOf(message).includes('Train without refund')),
      (message) => message !== undefined,
    );
    const again = messagesOf().length;
    owner().presses(withButton as FakeMessage, 'Train without refund');
    const honest = await next(again, /It is right in \d+ of 100/);
    expect(honest.text).not.toContain('refund');
  });

  it('is offered to train on a file sent alone, in Indonesian too', async () => {
    const reply = await then(
      () => owner().sendsFile('document', ORDERS, 'pesanan.csv', 'text/csv'),
      /pesanan/,
    );
    expect(buttonsOf(reply)).toContain('Learn from this table');
    await then(() => owner().sends('/language id'), /Indonesia/);
    const question = await then(() => owner().presses(reply, 'Learn from this table'), /Kolom mana/);
    const before = messagesOf().length;
    owner().presses(question, 'Prediksi hasil');
    const report = await next(before, /Benar pada \d+ dari 100 kasus/);
    expect(report.text).toContain('Yang paling berpengaruh');
  });

  it('is told in plain words what is wrong with a file', async () => {
    const reply = await then(
      () =>
        owner().sendsFile('document', Buffer.from('PK\u0003\u0004zip'), 'x.csv', 'text/csv', {
          caption: '/train',
        }),
      /Ini bukan tabel/,
    );
    expect(reply.text).toContain('ZIP atau Excel; simpan lembarnya sebagai CSV');
    const broken = await then(
      () =>
        owner().sendsFile('document', Buffer.from('a,b\n1,2\n1\n'), 'y.csv', 'text/csv', {
          caption: '/train b',
        }),
      /bukan CSV/,
    );
    expect(broken.text).toContain('baris 3');
    const same = Buffer.from(`a,b\n${Array.from({ length: 40 }, (_, row) => `${row % 3},x`).join('\n')}`);
    const before = messagesOf().length;
    owner().sendsFile('document', same, 'z.csv', 'text/csv', { caption: '/train b' });
    const failed = await next(before, /sama di semua baris/);
    expect(failed.text).toContain('“b”');
  });
});

it('a customer can neither train nor predict', async () => {
  const customer = bot.user(900, 900, { language_code: 'en' });
  customer.sends('/predict total=1');
  const [reply] = await eventually(
    () => bot.journal.messages(900),
    (all) => all.length > 0,
  );
  expect(reply?.text).toMatch(/staff/i);
});
