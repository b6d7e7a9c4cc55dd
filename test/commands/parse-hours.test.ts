import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHours } from '../../commands/shared/parse-hours.js';
import { WEEKDAYS, businessHoursSchema } from '../../src/contracts/settings.js';

const day = [{ open: '09:00', close: '17:00' }];

describe('/hours set', () => {
  it('reads ranges, single days and several spans', () => {
    expect(parseHours('mon-fri 09:00-17:00; sat 9:00-12:00, 13:00-15:30')).toEqual({
      mon: day,
      tue: day,
      wed: day,
      thu: day,
      fri: day,
      sat: [
        { open: '09:00', close: '12:00' },
        { open: '13:00', close: '15:30' },
      ],
    });
  });

  it('reads Indonesian days, dots in times and long dashes', () => {
    expect(parseHours('Senin – Rabu 09.00–17.00; Minggu 10.00 - 14.00')).toEqual({
      mon: day,
      tue: day,
      wed: day,
      sun: [{ open: '10:00', close: '14:00' }],
    });
  });

  it('reads a range across the weekend, every day, and midnight', () => {
    expect(Object.keys(parseHours('sat-mon 09:00-17:00') ?? {}).sort()).toEqual(['mon', 'sat', 'sun']);
    expect(Object.keys(parseHours('setiap hari 09:00-17:00') ?? {})).toEqual([...WEEKDAYS]);
    expect(parseHours('fri 18:00-24:00')).toEqual({ fri: [{ open: '18:00', close: '23:59' }] });
  });

  it.each([
    '',
    ';;',
    'mon',
    '09:00-17:00',
    'mon 9-17',
    'mon 17:00-09:00',
    'mon 09:00-09:00',
    'mon 25:00-26:00',
    'mon 09:61-10:00',
    'xyz 09:00-17:00',
    'mon-tue-wed 09:00-17:00',
    'mon 09:00-17:00; mon 18:00-19:00',
    'mon-wed 09:00-17:00; tue 09:00-10:00',
    'mon 09:00-12:00, 11:00-13:00',
    'mon 01:00-02:00, 03:00-04:00, 05:00-06:00, 07:00-08:00, 09:00-10:00',
    'mon 09:00-17:00 please',
  ])('does not guess what “%s” means', (text) => {
    expect(parseHours(text)).toBeUndefined();
  });

  it('never yields hours that the settings refuse, whatever is typed', () => {
    const words = fc.constantFrom('mon', 'fri', '-', ',', ';', ' ', '09:00', '9.30', '17:00', '24:00', 'x');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const days = parseHours(parts.join(''));
        if (days) businessHoursSchema.parse({ days });
      }),
    );
  });
});
