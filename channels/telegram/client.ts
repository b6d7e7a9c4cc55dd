import type { RawApi } from 'grammy';
import type { Fetch } from '../../src/contracts/runtime.js';
import type { TelegramConfig } from './config.js';

/** Ordinary calls are answered in well under a second; media servers and restarts take longer. */
const CALL_TIMEOUT_SECONDS = 25;
/** How long Telegram keeps a getUpdates call open if there are no updates. */
export const POLL_SECONDS = 30;
const POLL_TIMEOUT_SECONDS = POLL_SECONDS + 15;

type GrammySignal = Parameters<RawApi['getMe']>[0];

/** The Bot API of one bot. Rejects only with `ChannelError`. */
export interface TelegramClient {
  call<T>(
    method: string,
    work: (api: RawApi, signal: GrammySignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  /** Like `call`, for getUpdates, with a timeout that suits a long poll. */
  poll<T>(work: (api: RawApi, signal: GrammySignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Downloads a `file_path` returned by getFile. */
  openFile(filePath: string, signal: AbortSignal): Promise<Response>;
}

export function createTelegramClient(config: TelegramConfig, fetch: Fetch): TelegramClient {
  let opening: Promise<OpenedApi> | undefined;
  const run = async <T>(method: string, work: (opened: OpenedApi) => Promise<T>): Promise<T> => {
    opening ??= openApi(config, fetch);
    const opened = await opening;
    try {
      return await work(opened);
    } catch (error) {
      throw opened.errorOf(method, error);
    }
  };
  return {
    call: (method, work, signal) => run(method, ({ api }) => work(api, signal as GrammySignal)),
    poll: (work, signal) => run('getUpdates', ({ polling }) => work(polling, signal as GrammySignal)),
    openFile(filePath, signal) {
      const path = filePath.split('/').map(encodeURIComponent).join('/');
      const url = `${config.apiRoot}/file/bot${config.token}/${path}`;
      return run('download', () => fetch(url, { signal }));
    },
  };
}

interface OpenedApi {
  readonly api: RawApi;
  readonly polling: RawApi;
  errorOf(method: string, error: unknown): Error;
}

/** grammY is loaded with the first call, so that a business without Telegram does not load it. */
async function openApi(config: TelegramConfig, fetch: Fetch): Promise<OpenedApi> {
  const { createGrammyApi, errorOfGrammy } = await import('./grammy-api.js');
  return {
    api: createGrammyApi(config, fetch, CALL_TIMEOUT_SECONDS),
    polling: createGrammyApi(config, fetch, POLL_TIMEOUT_SECONDS),
    errorOf: errorOfGrammy,
  };
}
