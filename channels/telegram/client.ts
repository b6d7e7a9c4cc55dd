import { Api, type RawApi } from 'grammy';
import type { Fetch } from '../../src/contracts/runtime.js';
import type { TelegramConfig } from './config.js';
import { toTelegramError } from './telegram-error.js';

/** Ordinary calls answer in well under a second; media servers and restarts take longer. */
const CALL_TIMEOUT_SECONDS = 25;
/** Telegram holds getUpdates open this long when there is nothing to tell. */
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
  /** The same for getUpdates, with the patience a long poll needs. */
  poll<T>(work: (api: RawApi, signal: GrammySignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The bytes behind a `file_path` that getFile returned. */
  openFile(filePath: string, signal: AbortSignal): Promise<Response>;
}

export function createTelegramClient(config: TelegramConfig, fetch: Fetch): TelegramClient {
  const apiOf = (timeoutSeconds: number): RawApi =>
    new Api(config.token, { apiRoot: config.apiRoot, timeoutSeconds, fetch: forGrammy(fetch) }).raw;
  const api = apiOf(CALL_TIMEOUT_SECONDS);
  const polling = apiOf(POLL_TIMEOUT_SECONDS);
  const run = async <T>(method: string, work: (signal: GrammySignal) => Promise<T>, signal: AbortSignal) => {
    try {
      return await work(signal as GrammySignal);
    } catch (error) {
      throw toTelegramError(method, error);
    }
  };
  return {
    call: (method, work, signal) => run(method, (grammySignal) => work(api, grammySignal), signal),
    poll: (work, signal) => run('getUpdates', (grammySignal) => work(polling, grammySignal), signal),
    openFile(filePath, signal) {
      const path = filePath.split('/').map(encodeURIComponent).join('/');
      const url = `${config.apiRoot}/file/bot${config.token}/${path}`;
      return run('download', () => fetch(url, { signal }), signal);
    },
  };
}

/**
 * grammY brings an AbortController of its own, whose signals the platform's fetch refuses: they
 * are copied into native ones. Its other options are for node-fetch and mean nothing here.
 */
function forGrammy(fetch: Fetch) {
  return (url: string, { method, headers, body, signal: foreign }: RequestInit): Promise<Response> => {
    const native = new AbortController();
    if (foreign?.aborted) native.abort();
    else foreign?.addEventListener('abort', () => native.abort(), { once: true });
    return fetch(url, {
      ...(method === undefined ? {} : { method }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      signal: native.signal,
    });
  };
}
