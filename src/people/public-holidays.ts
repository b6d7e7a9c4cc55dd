import type { PublicHolidays } from '../contracts/settings.js';
import { changedSettings } from '../contracts/settings-change.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';

type Day = PublicHolidays['days'][number];

/** How many years to fill in: the current one and the next. */
const YEARS = 2;
/** Separates the names of holidays on the same day. */
const SEPARATOR = ' / ';

/**
 * What a rule of the library stands for, in any country: the first name of its line in `HOLIDAY_NAMES`, and
 * the Indonesian name if the library has none or gives that of another day.
 */
const KNOWN_RULES: readonly (readonly [RegExp, also: string, id?: string])[] = [
  [/^12-25\b/, 'natal', 'Hari Natal'],
  [/^01-01\b/, 'tahun baru', 'Tahun Baru'],
  [/^[123] shawwal/, 'lebaran', 'Hari Raya Idul Fitri'],
  [/^10 dhu al-hijjah/, 'idul adha', 'Hari Raya Idul Adha'],
  [/^chinese 01-0-0\d/, 'imlek', 'Tahun Baru Imlek'],
  [/^easter$/, 'paskah', 'Hari Paskah'],
  [/^easter -2\b/, 'jumat agung', 'Jumat Agung'],
  [/^easter 39\b/, 'kenaikan isa almasih', 'Kenaikan Isa Almasih'],
  [/^27 rajab/, 'isra miraj', 'Isra Mikraj'],
  [/^12 rabi al-awwal/, 'maulid', 'Maulid Nabi Muhammad'],
  [/^1 muharram/, 'tahun baru islam', 'Tahun Baru Islam'],
  [/^05-01\b/, 'hari buruh', 'Hari Buruh'],
];
/** Days moved by decree, which the library knows only by date and name. */
const KNOWN_NAMES: readonly (readonly [RegExp, also: string])[] = [
  [/\bnyepi\b/i, 'nyepi'],
  [/\b(vesak|waisak)\b/i, 'waisak'],
  [/\bindependence day\b/i, 'hari kemerdekaan'],
  [/\bpancasila\b/i, 'hari lahir pancasila'],
];

/**
 * The public holidays of a country or of a region in it. The library contains the rules of all countries and
 * is large, so it is loaded only on demand; the result is stored in the settings.
 */
export async function publicHolidays(
  country: string,
  region: string | undefined,
  years: readonly number[],
): Promise<readonly Day[]> {
  const { default: Holidays } = await import('date-holidays');
  const calendar = region === undefined ? new Holidays(country) : new Holidays(country, region);
  const days = new Map<string, Day>();
  for (const year of years) {
    const indonesian = new Map(calendar.getHolidays(year, 'id').map((each) => [each.rule, each.name]));
    for (const { date, name, type, rule } of calendar.getHolidays(year, 'en')) {
      const day = date.slice(0, 10);
      if (type !== 'public') continue;
      const knownRule = KNOWN_RULES.find(([pattern]) => pattern.test(rule.toLowerCase()));
      const also = knownRule?.[1] ?? KNOWN_NAMES.find(([pattern]) => pattern.test(name))?.[1];
      const names = { en: name, id: knownRule?.[2] ?? indonesian.get(rule) ?? name };
      days.set(day, both(days.get(day), { date: day, name: names, ...(also === undefined ? {} : { also }) }));
    }
  }
  return [...days.values()].sort((one, other) => one.date.localeCompare(other.date));
}

/** Two holidays may fall on one day. */
function both(one: Day | undefined, other: Day): Day {
  if (one === undefined || one.name.en === other.name.en) return other;
  const also = [one.also, other.also].filter((each) => each !== undefined).join(SEPARATOR);
  return {
    date: other.date,
    name: {
      en: `${one.name.en}${SEPARATOR}${other.name.en}`,
      id: `${one.name.id}${SEPARATOR}${other.name.id}`,
    },
    ...(also === '' ? {} : { also }),
  };
}

/**
 * Fills in the public holidays if the settings enable them and those stored are for another country, region
 * or year.
 */
export async function followPublicHolidays(
  deps: {
    readonly service: Pick<ServiceStore, 'changeTenant'>;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  scope: TenantScope,
): Promise<void> {
  const { business_hours: hours, country: own } = scope.settings;
  const { public_holidays: preferences } = hours;
  if (preferences?.enabled !== true) return;
  const { country = own, region } = preferences;
  const first = deps.clock.now().getUTCFullYear();
  const years = Array.from({ length: YEARS }, (_, index) => first + index);
  const daysOf = [country, region ?? '', years.join('-')].join('/');
  if (preferences.days_of === daysOf) return;
  const days = await publicHolidays(country, region, years);
  if (days.length === 0)
    deps.logger.warn({ country, region }, 'no public holidays are known for this country');
  await deps.service.changeTenant(scope.tenantId, (before) => {
    const current = before?.business_hours.public_holidays;
    if (before === undefined || !current) return before ?? scope.settings;
    // Changed in the meantime; whoever changed it also fills in the holidays.
    if (current.days_of !== preferences.days_of) return before;
    const filled = { ...current, days: [...days], days_of: daysOf };
    return changedSettings(before, { business_hours: { public_holidays: filled } });
  });
}
