import type { OpeningHours } from '../contracts/opening-hours.js';
import type { QuietHours, TenantSettings } from '../contracts/settings.js';
import { momentAt } from '../lib/moment-at.js';
import { openingHours } from '../lib/opening-hours.js';

const DAY_MS = 86_400_000;
/** Quiet and opening hours push each other on at most this often before a day is let go by. */
const MOST_MOVES = 16;

type Hours = Pick<TenantSettings, 'business_hours' | 'timezone' | 'quiet_hours'>;

export interface Courtesy {
  /** Inside the opening hours of the business. */
  readonly respectHours: boolean;
  /** Outside its quiet hours. */
  readonly respectQuiet: boolean;
}

/**
 * When a message that is due may be sent: now, or as soon as the quiet hours are over and, where it
 * respects them, the opening hours begin. One that finds no such time is looked at again in a day.
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

/** `undefined`: it is not quiet then. */
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

/** `undefined`: it is open then, or never said when it is. */
function nextOpening(hours: OpeningHours, settings: Hours, at: Date): Date | undefined {
  const state = hours.state(settings, at);
  if (state.state !== 'closed') return undefined;
  if (state.opensNext === undefined) return new Date(at.getTime() + DAY_MS);
  return momentAt(state.opensNext.date, state.opensNext.time, settings.timezone, at);
}

function dayAfter(date: string): string {
  return new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
}
