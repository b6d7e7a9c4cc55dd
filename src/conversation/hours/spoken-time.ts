const HOURS = [
  'satu|one',
  'dua|two',
  'tiga|three',
  'empat|four',
  'lima|five',
  'enam|six',
  'tujuh|seven',
  'delapan|eight',
  'sembilan|nine',
  'sepuluh|ten',
  'sebelas|eleven',
  'dua belas|duabelas|twelve',
] as const;
const HOUR = String.raw`(\d{1,2})(?![\d.:])`;

/** How both languages say an hour and minutes: groups `hour` and, if spoken, `minutes`. */
const SPOKEN: readonly (readonly [pattern: RegExp, toClock: (hour: number, minutes: number) => string])[] = [
  [new RegExp(String.raw`\b(?:setengah|stengah|stgh|stngh)\s+${HOUR}`, 'giu'), (hour) => before(hour, 30)],
  [new RegExp(String.raw`\bhalf past\s+${HOUR}`, 'giu'), (hour) => clock(hour, 30)],
  [new RegExp(String.raw`\bquarter past\s+${HOUR}`, 'giu'), (hour) => clock(hour, 15)],
  [new RegExp(String.raw`\bquarter to\s+${HOUR}`, 'giu'), (hour) => before(hour, 15)],
  [/\b(\d{1,2})\s+(?:lewat|lebih)\s+(\d{1,2})(?:\s+menit)?\b/giu, clock],
  [/\b(\d{1,2})\s+kurang\s+(\d{1,2})(?:\s+menit)?\b/giu, before],
  [/(?:\bat\s+)?\b(\d{1,2})\s*-?\s*(?:ish\b|o['’]?clock\b)/giu, (hour) => `at ${hour}`],
];
const SPELLED_HOURS = HOURS.map(
  (words) =>
    new RegExp(String.raw`\b(jam|jm|pukul|pkl|at|past|to|setengah|stengah|stgh)\s+(?:${words})\b`, 'giu'),
);

/** Writes spoken clock times in digits: "setengah 8" and "half past seven" become "7:30". */
export function writeClockTimes(message: string): string {
  const numbered = SPELLED_HOURS.reduceRight(
    (text, pattern, index) => text.replace(pattern, (_match, lead: string) => `${lead} ${index + 1}`),
    message,
  );
  return SPOKEN.reduce(
    (text, [pattern, toClock]) =>
      text.replace(pattern, (match, hour: string, minutes: unknown) => {
        const past = typeof minutes === 'string' ? Number(minutes) : 0;
        return Number(hour) > 24 || past > 59 ? match : toClock(Number(hour), past);
      }),
    numbered,
  );
}

function clock(hour: number, minutes: number): string {
  return `${hour}:${String(minutes).padStart(2, '0')}`;
}

/** Some minutes before an hour; on the twelve-hour clock, as it is spoken. */
function before(hour: number, minutes: number): string {
  return clock(hour - 1 || 12, 60 - minutes);
}
