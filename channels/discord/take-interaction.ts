import type { InboundEvent } from '../../src/contracts/channel.js';
import { instantResponse } from './instant-response.js';
import { parseInteractionToken } from './interaction-token.js';
import { defer } from './outbound/acknowledge.js';
import type { Run } from './run.js';

/**
 * The first response is due within three seconds; it is sent after this long even if the store is slow, in
 * ms.
 */
const DEFER_AFTER_MS = 2_000;
/** How often sending the first response is tried; after three seconds it is useless. */
const DEFER_TRIES = 3;
const RETRY_MS = 150;

/** Answers interactions that need only a first response. `true`: it was one. */
export async function respondInstantly(d: unknown, run: Run): Promise<boolean> {
  const { client, signal, logger } = run;
  const instant = instantResponse(d, { ...run, offers: run.sink });
  if (instant === undefined) return false;
  const { id, token } = instant.interaction;
  const body = await instant.answer;
  try {
    await client.call({ method: 'POST', path: `/interactions/${id}/${token}/callback`, body }, signal);
  } catch (error) {
    logger.warn({ error }, 'Discord rejected the response to an interaction');
  }
  return true;
}

/** Sends the first response as soon as the event is stored, or just before it is due at the latest. */
export function deferWhenStored(event: InboundEvent, stored: Promise<unknown>, run: Run): void {
  const token = tokenOf(event);
  const call = token === undefined ? undefined : parseInteractionToken(token);
  if (token === undefined || call === undefined) return;
  const { clock, signal, logger, firstResponses } = run;
  const patience = new AbortController();
  const late = clock.sleep(DEFER_AFTER_MS, patience.signal).catch(() => undefined);
  const respond = async (): Promise<void> => {
    await Promise.race([stored.catch(() => undefined), late]);
    patience.abort();
    for (let tries = 1; ; tries++) {
      try {
        return await defer(call, { client: run.client, signal });
      } catch (error) {
        if (tries < DEFER_TRIES && !signal.aborted) {
          await clock.sleep(RETRY_MS, signal).catch(() => undefined);
          continue;
        }
        logger.warn({ error }, 'an interaction on Discord was not acknowledged in time');
        return undefined;
      }
    }
  };
  firstResponses.track(token, respond());
}

function tokenOf(event: InboundEvent): string | undefined {
  return event.type === 'command' || event.type === 'action' ? event.interactionToken : undefined;
}
