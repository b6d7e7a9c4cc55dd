const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

/** The units of time people write, in both languages. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(s|sec|secs|seconds?|detik)$/, MS.second],
  [/^(m|min|mins|minutes?|menit)$/, MS.minute],
  [/^(h|hr|hrs|hours?|jam)$/, MS.hour],
  [/^(d|days?|hari)$/, MS.day],
  [/^(w|weeks?|minggu)$/, MS.week],
];
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const WORDS = /^(?:in|dalam)?\s*(\d+(?:[.,]\d+)?)\s*([a-z]+)(?:\s+(?:lagi|from now))?$/;

/** An ISO 8601 duration or words ("2 hours", "3 hari", "in 45 minutes") in ms; above zero. */
export function durationMs(text: string): number | undefined {
  const written = text.trim();
  const iso = ISO.exec(written);
  if (iso !== null) {
    const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0'] = iso;
    return positive(
      Number(weeks) * MS.week +
        Number(days) * MS.day +
        Number(hours) * MS.hour +
        Number(minutes) * MS.minute +
        Number(seconds) * MS.second,
    );
  }
  const [, count, unit] = WORDS.exec(written.toLowerCase()) ?? [];
  const ms = UNITS.find(([pattern]) => unit !== undefined && pattern.test(unit))?.[1];
  return ms === undefined ? undefined : positive(Number(count?.replace(',', '.')) * ms);
}

function positive(ms: number): number | undefined {
  return Number.isFinite(ms) && ms > 0 && ms <= 10 * 366 * MS.day ? ms : undefined;
}
