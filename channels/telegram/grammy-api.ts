import { Api, GrammyError, HttpError, type RawApi } from 'grammy';
import type { ChannelError } from '../../src/contracts/channel.js';
import type { Fetch } from '../../src/contracts/runtime.js';
import type { TelegramConfig } from './config.js';
import { refusalError, toTelegramError } from './telegram-error.js';

/** The methods of the Bot API, through grammY. */
export function createGrammyApi(config: TelegramConfig, fetch: Fetch, timeoutSeconds: number): RawApi {
  return new Api(config.token, { apiRoot: config.apiRoot, timeoutSeconds, fetch: forGrammy(fetch) }).raw;
}

/** Maps any error thrown by grammY. */
export function errorOfGrammy(method: string, error: unknown): ChannelError {
  if (error instanceof GrammyError) return refusalError(method, error);
  return toTelegramError(method, error instanceof HttpError ? error.error : error);
}

/**
 * grammY uses an AbortController of its own, whose signals the native fetch refuses, so they are copied to a
 * native one. A file turns the body into a stream, for which the native fetch requires `duplex: 'half'`.
 * grammY's other options are for node-fetch and mean nothing here.
 */
function forGrammy(fetch: Fetch) {
  return (url: string, { method, headers, body, signal: foreign }: RequestInit): Promise<Response> => {
    const native = new AbortController();
    if (foreign?.aborted) native.abort();
    else foreign?.addEventListener('abort', () => native.abort(), { once: true });
    return fetch(url, {
      ...(method === undefined ? {} : { method }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body, duplex: 'half' }),
      signal: native.signal,
    });
  };
}
