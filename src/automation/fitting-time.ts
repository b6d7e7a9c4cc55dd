import type { OpeningHours } from '../contracts/opening-hours.js';
import type { QuietHours, TenantSettings } from '../contracts/settings.js';
import { momentAt } from '../lib/time/moment-at.js';
import { openingHours } from '../lib/time/opening-hours.js';

const DAY_MS = 86_400_000;
/** How often quiet hours and opening hours may push each other on before the message is put off for a day. */
const MOST_MOVES = 16;

type Hours = Pick<TenantSettings, 'business_hours' | 'timezone' | 'quiet_hours'>;

export interface Courtesy {
  /** Send only within the opening hours of the business. */
  readonly respectHours: boolean;
  /** Send only outside its quiet hours. */
  readonly respectQuiet: boolean;
}

/**
 * When a due message may be sent: now, or once the quiet hours are over and, if respected, the business is
 * open. If no such time is found, it is checked again in a day.
 */
export function fittingTime(settings: Hours, { respectHours, respectQuiet }: Courtesy, due: Date): Date {
  let at = due;
  for (let move = 0; move < MOST_MOVES; move += 1) {
    const later =
      (respectQuiet ? endOfQuiet(settings, at) : undefined) ??
      (respectHours ? nextOpening(openingHours, settings, at) : undefined);
    if (later === undefined) return at;
    if (later <= at) break;
    at = later;
  }
  return new Date(due.getTime() + DAY_MS);
}

/** `undefined`: the time is not within quiet hours. */
function endOfQuiet({ quiet_hours: quiet, timezone }: Hours, at: Date): Date | undefined {
  if (quiet === null) return undefined;
  const { date, time } = openingHours.localTime(timezone, at);
  if (!isQuiet(quiet, time)) return undefined;
  const isEarlier = time < quiet.to;
  return momentAt(isEarlier ? date : dayAfter(date), quiet.to, timezone, at);
}

function isQuiet({ from, to }: QuietHours, time: string): boolean {
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** `undefined`: the business is open then, or has never set its hours. */
function nextOpening(hours: OpeningHours, settings: Hours, at: Date): Date | undefined {
  const state = hours.state(settings, at);
  if (state.state !== 'closed') return undefined;
  if (state.opensNext === undefined) return new Date(at.getTime() + DAY_MS);
  return momentAt(state.opensNext.date, state.opensNext.time, settings.timezone, at);
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
}
