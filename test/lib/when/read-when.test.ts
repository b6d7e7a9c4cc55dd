import { describe, expect, it } from 'vitest';
import { durationMs } from '../../../src/lib/time/duration.js';
import { readWhen } from '../../../src/lib/time/when/index.js';

const timezone = 'Asia/Jakarta';
/** A Saturday, 14:30 in Jakarta. */
const now = new Date('2026-11-28T07:30:00Z');

/** The local time that was understood, and the rest of the text. */
function read(text: string, zone = timezone): string {
  const when = readWhen(text, { now, timezone: zone });
  if (when === undefined) return 'nothing';
  const rest = text.slice(when.length).trim();
  const summary =
    when.type === 'cron'
      ? when.cron
      : `${when.type === 'past' ? 'past ' : ''}${new Intl.DateTimeFormat('sv', { timeZone: when.timezone, dateStyle: 'short', timeStyle: 'short' }).format(when.at)}`;
  return rest === '' ? summary : `${summary} | ${rest}`;
}

describe('a written time', () => {
  it.each([
    ['in 2 hours', '2026-11-28 16:30'],
    ['in 90 minutes', '2026-11-28 16:00'],
    ['2 jam lagi pesanan siap', '2026-11-28 16:30 | pesanan siap'],
    ['dalam 30 menit', '2026-11-28 15:00'],
    ['half an hour', '2026-11-28 15:00'],
    ['setengah jam lagi', '2026-11-28 15:00'],
    ['sejam lagi halo kak', '2026-11-28 15:30 | halo kak'],
    ['1h30m', '2026-11-28 16:00'],
    ['1 jam 30 menit lagi', '2026-11-28 16:00'],
    ['an hour and 15 minutes', '2026-11-28 15:45'],
    ['in 3 days at 9', '2026-12-01 09:00'],
    ['seminggu lagi jam 10', '2026-12-05 10:00'],
    ['in two weeks', '2026-12-12 14:30'],
    ['sebulan lagi', '2026-12-28 14:30'],
    ['3 bulan lagi jam 8', '2027-02-28 08:00'],
    ['in an hour and a half', '2026-11-28 16:00'],
    ['two and a half hours', '2026-11-28 17:00'],
    ['satu setengah jam lagi', '2026-11-28 16:00'],
    ['in eleven days', '2026-12-09 14:30'],
  ])('“%s” is relative to now', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['besok jam 9', '2026-11-29 09:00'],
    ['besok jam 9 Halo kak, pesanannya siap', '2026-11-29 09:00 | Halo kak, pesanannya siap'],
    ['Tomorrow at 9am: your order', '2026-11-29 09:00 | : your order'],
    ['bsk pagi', '2026-11-29 09:00'],
    ['besok jam 3', '2026-11-29 15:00'],
    ['besok jam 3 dini hari', '2026-11-29 03:00'],
    ['jam 8 malam besok', '2026-11-29 20:00'],
    ['lusa 14.30', '2026-11-30 14:30'],
    ['tonight', '2026-11-28 19:00'],
    ['nanti malam jam 8', '2026-11-28 20:00'],
    ['nanti jam 5', '2026-11-28 17:00'],
    ['at 5', '2026-11-28 17:00'],
    ['jam 9', '2026-11-28 21:00'],
    ['jam 14', '2026-11-29 14:00'],
    ['17:30', '2026-11-28 17:30'],
    ['jam setengah 9 pagi', '2026-11-29 08:30'],
    ['Senin jam 9', '2026-11-30 09:00'],
    ['next monday 9:00', '2026-11-30 09:00'],
    ['on Friday at noon', '2026-12-04 12:00'],
    ['Sabtu jam 10', '2026-12-05 10:00'],
    ['sabtu jam 7 malam', '2026-11-28 19:00'],
    ['saturday', '2026-12-05 09:00'],
    ['minggu jam 10 pagi', '2026-11-29 10:00'],
    ['minggu depan', '2026-12-05 09:00'],
    ['next month', '2026-12-28 09:00'],
    ['25 des jam 9', '2026-12-25 09:00'],
    ['Dec 25th, 9am', '2026-12-25 09:00'],
    ['25/12/2026 10:15', '2026-12-25 10:15'],
    ['2026-12-01 08:00', '2026-12-01 08:00'],
    ['tanggal 1 jam 10', '2026-12-01 10:00'],
    ['1 feb', '2027-02-01 09:00'],
    ['2026-12-01T08:00:00Z', '2026-12-01 15:00'],
    ['besok malam jam 8', '2026-11-29 20:00'],
    ['tomorrow morning at 8', '2026-11-29 08:00'],
    ['besok pagi-pagi halo', '2026-11-29 09:00 | halo'],
    ['lusa sore', '2026-11-30 16:00'],
    ['tgl 5 bulan depan jam 10 halo', '2026-12-05 10:00 | halo'],
    ['tgl 28 bulan depan', '2026-12-28 09:00'],
    ['bulan depan tanggal 5 jam 3', '2026-12-05 15:00'],
    ['the 5th of next month at noon', '2026-12-05 12:00'],
    ['tgl 30 bulan ini', '2026-11-30 09:00'],
    ['besok jam 9 WITA', '2026-11-29 09:00'],
    ['besok jam sembilan pagi halo', '2026-11-29 09:00 | halo'],
    ['besok pagi jam setengah delapan', '2026-11-29 07:30'],
    ['jam 10 kurang 15', '2026-11-28 21:45'],
    ['jam 9 lewat seperempat malam', '2026-11-28 21:15'],
    ['besok jam 9 kurang paham', '2026-11-29 09:00 | kurang paham'],
    ['besok sekitar jam 10', '2026-11-29 10:00'],
    ['besok jam 9an ya', '2026-11-29 09:00 | ya'],
    ['jam 9 besok malam halo', '2026-11-29 21:00 | halo'],
    ['tomorrow at half past nine', '2026-11-29 09:30'],
    ['quarter to five', '2026-11-28 16:45'],
    ['10 past 4', '2026-11-28 16:10'],
    ["5 o'clock", '2026-11-28 17:00'],
    ['tomorrow at 10 to be safe', '2026-11-29 10:00 | to be safe'],
    ['the day after tomorrow 3pm', '2026-11-30 15:00'],
    ['rabu minggu depan jam 3 halo', '2026-12-02 15:00 | halo'],
    ['Monday next week at 10', '2026-11-30 10:00'],
    ['next week tuesday 9am', '2026-12-01 09:00'],
    ['besok 2 kopi susu siap', '2026-11-29 09:00 | 2 kopi susu siap'],
  ])('“%s” is a day and time at the business', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['every Monday 09:00', '0 9 * * 1'],
    ['setiap senin jam 9 Stok baru', '0 9 * * 1 | Stok baru'],
    ['tiap hari jam 8', '0 8 * * *'],
    ['every weekday at 8.30am', '30 8 * * 1,2,3,4,5'],
    ['setiap hari kerja pukul 16:00', '0 16 * * 1,2,3,4,5'],
    ['tiap senin dan kamis jam 9', '0 9 * * 1,4'],
    ['mondays at 9', '0 9 * * 1'],
    ['every Monday to Friday at 9', '0 9 * * 1,2,3,4,5'],
    ['setiap sabtu-senin jam 9 halo', '0 9 * * 0,1,6 | halo'],
    ['tiap hari minggu jam 10', '0 10 * * 0'],
    ['tiap minggu', '0 9 * * 6'],
    ['every morning', '0 9 * * *'],
    ['each morning at 8 hello', '0 8 * * * | hello'],
    ['tiap malam jam 8', '0 20 * * *'],
    ['tiap jam 7 malam', '0 19 * * *'],
    ['setiap bulan tanggal 1 jam 9', '0 9 1 * *'],
    ['every month on the 15th', '0 9 15 * *'],
    ['every 31st at 10', '0 10 L * *'],
    ['setiap tanggal 31 gajian', '0 9 L * * | gajian'],
    ['tiap akhir bulan jam 8', '0 8 L * *'],
    ['every last day of the month', '0 9 L * *'],
    ['monthly on the last day at 17:00', '0 17 L * *'],
    ['setiap tanggal 30 jam 9', '0 9 30 * *'],
    ['daily at 18:00', '0 18 * * *'],
    ['0 9 * * 1-5', '0 9 * * 1-5'],
  ])('“%s” recurs', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    'kapan kapan',
    'soon',
    '9',
    '0 hours',
    '2 kopi susu',
    'every 2 weeks',
    'jam 25',
    '31 feb 2027',
    '31 Feb',
    'besok jam 25',
    'besok jam 9:75 halo',
    'tomorrow at 99 hello',
    'tgl 31 bulan ini',
    'in -2 hours',
    'inflation',
    'pesan',
    '',
    '99999999999 years',
    'every minute',
    'tiap tanggal 1 dan 15 jam 9',
    'senin-jumat jam 9',
    'dua minggu lagi hari senin',
    'a week from Monday',
    'tomorrow 9-10am',
    'besok-besok',
    'tomorrow around 10',
  ])('“%s” is not recognised', (text) => expect(read(text)).toBe('nothing'));

  it('is reported as past if it is over', () => {
    expect(read('hari ini jam 9 pagi')).toBe('past 2026-11-28 09:00');
    expect(read('2026-01-01')).toBe('past 2026-01-01 09:00');
    expect(read('kemarin jam 9 Halo')).toBe('past 2026-11-27 09:00 | Halo');
    expect(read('yesterday at 3pm')).toBe('past 2026-11-27 15:00');
    expect(read('jumat lalu jam 10')).toBe('past 2026-11-27 10:00');
    expect(read('last friday')).toBe('past 2026-11-27 09:00');
  });

  it('is correct across a clock change', () => {
    const before = { now: new Date('2026-03-28T10:00:00Z'), timezone: 'Europe/Berlin' };
    const tomorrow = readWhen('tomorrow at 9', before);
    expect(tomorrow).toMatchObject({ at: new Date('2026-03-29T07:00:00Z') });
  });

  it.each(['1 ', 'every ', 'dan ', 'jam '])('is not found in thousands of “%s”', (odd) => {
    expect(readWhen(odd.repeat(4000), { now, timezone })).toBeUndefined();
  });
});

describe('a duration in the API', () => {
  it.each([
    ['2 hours', 7_200_000],
    ['30 menit', 1_800_000],
    ['in 45 minutes', 2_700_000],
    ['1 minggu', 604_800_000],
    ['half an hour', 1_800_000],
    ['PT30M', 1_800_000],
    ['0 minutes', undefined],
    ['-1 hour', undefined],
    ['2 hours please', undefined],
    ['P0D', undefined],
  ])('“%s”', (text, ms) => expect(durationMs(text)).toBe(ms));
});
