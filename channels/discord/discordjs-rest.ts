import { DiscordAPIError, HTTPError, RateLimitError, REST, type RequestMethod } from '@discordjs/rest';
import type { ChannelError } from '../../src/contracts/channel.js';
import type { Fetch } from '../../src/contracts/runtime.js';
import { withDeadline } from '../../src/lib/work/with-deadline.js';
import type { DiscordCall } from './discord-call.js';
import { noAnswerError, rateLimitError, refusalError } from './discord-error.js';

/** Discord answers in well under a second; uploads take longer. */
const TIMEOUT_MS = 20_000;

/**
 * discord.js's REST client, set up not to retry or wait: callers decide what to do after a failure, and a
 * wait must not hold a lane that another process could take.
 */
export function createRest(apiBase: string, fetch: Fetch) {
  const rest = new REST({
    api: apiBase,
    version: '10',
    retries: 0,
    timeout: TIMEOUT_MS,
    rejectOnRateLimit: () => true,
    // Our own client counts requests, across all buckets.
    globalRequestsPerSecond: Infinity,
    makeRequest: (url, { method, headers, body, signal }) =>
      fetch(url, {
        method: method ?? 'GET',
        ...(headers ? { headers: headers as Record<string, string> } : {}),
        ...(body ? { body: body as NonNullable<RequestInit['body']> } : {}),
        ...(signal ? { signal } : {}),
      }),
  });
  const request = async (
    { method, path, query, body, files }: DiscordCall,
    name: string,
    auth: boolean,
    signal: AbortSignal,
  ): Promise<unknown> => {
    try {
      // The library never removes its listener from the signal, so it gets one that ends with the call.
      return await withDeadline(signal, TIMEOUT_MS, (limited) =>
        rest.request({
          method: method as RequestMethod,
          fullRoute: path as `/${string}`,
          auth,
          signal: limited,
          ...(query === undefined ? {} : { query: new URLSearchParams(query) }),
          ...(body === undefined ? {} : { body }),
          ...(files === undefined
            ? {}
            : {
                files: files.map(({ name: fileName, mediaType, bytes }) => ({
                  name: fileName,
                  contentType: mediaType,
                  data: Buffer.from(bytes),
                })),
              }),
        }),
      );
    } catch (error) {
      throw errorOfRest(name, error);
    }
  };
  return { rest, request };
}

export function errorOfRest(name: string, error: unknown): ChannelError {
  if (error instanceof RateLimitError) return rateLimitError(name, error.retryAfter || error.timeToReset);
  if (error instanceof DiscordAPIError) {
    return refusalError(name, {
      status: error.status,
      code: Number(error.code) || 0,
      message: error.message,
    });
  }
  if (error instanceof HTTPError) return refusalError(name, { status: error.status, code: 0, message: '' });
  return noAnswerError(name, error);
}
