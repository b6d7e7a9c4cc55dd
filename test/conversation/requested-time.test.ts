import { describe, expect, it } from 'vitest';
import { specialDaysFrom } from '../../src/lib/time/special-days.js';
import { requestedTime } from '../../src/conversation/hours/requested-time.js';

/** A Saturday. */
const TODAY = '2026-11-28';
const hours = {
  exceptions: [],
  public_holidays: null,
  holidays: [
    { date: '2026-12-25', name: 'Christmas / Natal' },
    { date: '2027-01-01', name: 'Tahun Baru' },
  ],
};

describe('the day and time that a message asks about', () => {
  it.each([
    ['senin buka ga', ['2026-11-30'], undefined],
    ['besok senin buka?', ['2026-11-30'], undefined],
    ['bsk buka jam brp', ['2026-11-29'], undefined],
    ['lusa?', ['2026-11-30'], undefined],
    ['jam 7 malam hari jumat masih buka?', ['2026-12-04'], '19:00'],
    ['is anyone there at 1pm this friday', ['2026-12-04'], '13:00'],
    ['tanggal 25 Desember buka?', ['2026-12-25'], undefined],
    ['tgl 3 libur?', ['2026-12-03'], undefined],
    ['open on dec 24th?', ['2026-12-24'], undefined],
    ['natal tutup?', ['2026-12-25'], undefined],
    ['christmas day open??', ['2026-12-25'], undefined],
    ["closed on new year's day?", ['2027-01-01'], undefined],
    ['akhir pekan buka?', ['2026-11-28', '2026-11-29'], undefined],
    ['christmas eve?', ['2026-12-24'], undefined],
    ['boxing day open?', ['2026-12-26'], undefined],
    ['natal sama tahun baru tutup?', ['2026-12-25', '2027-01-01'], undefined],
    ['sabtu sore jam 5 masih buka?', ['2026-11-28'], '17:00'],
    ['jam 5 masih buka?', [], '17:00'],
    ['jam 9 sudah buka?', [], '09:00'],
    ['jam 5 pagi sudah buka?', [], '05:00'],
    ['sampai jam berapa', [], undefined],
    ['selesai 2 minggu lagi', [], undefined],
    ['malem minggu buka sampe jam brp', ['2026-11-28'], undefined],
    ['malam senin jam 7 masih buka?', ['2026-11-29'], '19:00'],
    ['minggu malam buka?', ['2026-11-29'], undefined],
    ['open the day after christmas?', ['2026-12-26'], undefined],
    ['sehari sebelum natal buka ga', ['2026-12-24'], undefined],
    ['open the day after tomorrow?', ['2026-11-30'], undefined],
    ['tgl 24-26 des buka ga', ['2026-12-24', '2026-12-25', '2026-12-26'], undefined],
    ['open dec 31 to 30?', ['2026-12-31'], undefined],
    ['tgl 24 des atau 26 des buka?', ['2026-12-24', '2026-12-26'], undefined],
    ['3 hari lagi buka ga', ['2026-12-01'], undefined],
    ['jam setengah 8 pagi udah buka?', [], '07:30'],
    ['open till half past six?', [], '18:30'],
    ['jam 8 lewat 15 pagi masih buka', [], '08:15'],
    ['jam tujuh malam masih buka?', [], '19:00'],
    ["open at 3 o'clock on sunday?", ['2026-11-29'], '15:00'],
    ['around on sunday, 3ish?', ['2026-11-29'], '15:00'],
    ['buka ga hari sbatu', ['2026-11-28'], undefined],
    ['open on satuday?', ['2026-11-28'], undefined],
    ['seninn buka ga', ['2026-11-30'], undefined],
    ['kamis mlam jam 7 masih ada orang?', ['2026-12-03'], '19:00'],
    ['newyear tutup ga', ['2027-01-01'], undefined],
    ['gamis kapan datang lagi', [], undefined],
  ] as const)('%j', (message, days, time) => {
    const result = requestedTime(message, TODAY, specialDaysFrom(hours, TODAY));
    expect(result.days.map(({ date }) => date)).toEqual(days);
    expect(result.time).toBe(time);
  });

  it('does not guess the date of a holiday that the business never gave', () => {
    expect(requestedTime('lebaran buka?', TODAY, specialDaysFrom(hours, TODAY))).toMatchObject({
      days: [],
      unknownHoliday: true,
    });
  });
});
