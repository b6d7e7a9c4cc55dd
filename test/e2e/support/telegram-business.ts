import type { FakeBot } from '../../fakes/telegram/fake-bot.js';
import type { FakePerson } from '../../fakes/telegram/fake-person.js';
import { startFakeTelegram } from '../../fakes/telegram/start-fake-telegram.js';
import type { FakeMessage } from '../../fakes/telegram/types.js';
import { eventually } from '../../support/wait.js';
import { waitForSample, sapaClient, type SapaClient } from './http-client.js';
import { removeDataDir, startSapa, temporaryDataDir, type RunningSapa } from './start-sapa.js';

const TOKEN = '100:a-secret-token-of-a-test';

export interface TelegramBusinessOptions {
  /** Ids of staff members; each has greeted the bot. */
  readonly staff?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The sample business in its own process, with a bot on the fake Telegram. */
export interface TelegramBusiness {
  readonly bot: FakeBot;
  readonly sapa: RunningSapa;
  /** A client with a key of the business. */
  readonly shop: SapaClient;
  person(id: number, firstName?: string): FakePerson;
  messagesOf(id: number): readonly FakeMessage[];
  /** The texts as people read them: without the invisible characters that keep names from becoming links. */
  textsOf(id: number): readonly string[];
  /**
   * Resolves with the first message to the person that contains the words, skipping the first `after`
   * messages.
   */
  reaches(id: number, words: string, after?: number): Promise<FakeMessage>;
  /** The person says hello and gets an answer. */
  greets(id: number, firstName?: string): Promise<void>;
  changeSettings(json: Readonly<Record<string, unknown>>): Promise<void>;
  /** Starts it again with the same data, after a stop or a kill. */
  start(): Promise<void>;
  /** Starts another process on the same data; `close` stops it. */
  startAnother(): Promise<RunningSapa>;
  close(): Promise<void>;
}

export async function startTelegramBusiness({
  staff = [],
  env = {},
}: TelegramBusinessOptions = {}): Promise<TelegramBusiness> {
  const telegram = await startFakeTelegram();
  const bot = telegram.bot(TOKEN);
  const dataDir = await temporaryDataDir();
  const open = () =>
    startSapa({ dataDir, env: { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.apiRoot, ...env } });
  let sapa = await open();
  const client = () => sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  let shop = client();
  const others: RunningSapa[] = [];
  await waitForSample(shop);

  const person = (id: number, firstName?: string): FakePerson =>
    bot.user(id, id, {
      language_code: 'en',
      ...(firstName === undefined ? {} : { first_name: firstName }),
    });
  const messagesOf = (id: number): readonly FakeMessage[] => bot.journal.messages(id);
  const business: TelegramBusiness = {
    bot,
    get sapa() {
      return sapa;
    },
    get shop() {
      return shop;
    },
    person,
    messagesOf,
    textsOf: (id) => messagesOf(id).map(({ text }) => plain(text)),
    async reaches(id, words, after = 0) {
      const match = await eventually(
        () =>
          messagesOf(id)
            .slice(after)
            .find(({ text }) => plain(text).includes(words)),
        (message) => message !== undefined,
      ).catch((error: unknown) => {
        const had = business.textsOf(id).slice(after);
        throw new Error(`${String(error)}: "${words}" in ${JSON.stringify(had)}`);
      });
      if (match === undefined) throw new Error('unreachable');
      return match;
    },
    async greets(id, firstName) {
      const before = messagesOf(id).length;
      person(id, firstName).sends('/start');
      await business.reaches(id, '', before);
    },
    async changeSettings(json) {
      const { status, text } = await shop.call('PATCH', '/v1/tenants/demo/settings', { json });
      if (status !== 200) throw new Error(`settings: ${status} ${text}`);
    },
    async start() {
      sapa = await open();
      shop = client();
    },
    async startAnother() {
      const another = await open();
      others.push(another);
      return another;
    },
    async close() {
      for (const another of others) await another.stop();
      await sapa.stop();
      await telegram.close();
      await removeDataDir(dataDir);
    },
  };
  if (staff.length > 0) {
    await business.changeSettings({
      staff: staff.map((id) => ({ channel: 'telegram', user_id: String(id) })),
    });
    for (const id of staff) await business.greets(id);
  }
  return business;
}

function plain(text: string | undefined): string {
  return (text ?? '').replaceAll('\u2060', '');
}
