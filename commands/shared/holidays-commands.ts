import {
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type UpdateSettings,
} from '../../src/contracts/command.js';
import type { BusinessHours } from '../../src/contracts/settings.js';
import { dayIn } from '../../src/lib/time/calendar.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { specialDaysFrom, type SpecialDay } from '../../src/lib/time/special-days.js';
import { readWhen } from '../../src/lib/time/when/index.js';
import { parseSpans } from './parse-hours.js';

type Needs = { readonly updateSettings: UpdateSettings };
type Exception = BusinessHours['exceptions'][number];

/** How many special days to show; the API has all of them. */
const SHOWN_DAYS = 20;

const dateOption = {
  type: 'text',
  required: true,
  until: '|',
  maxLength: 40,
  description: 'command.hours.date',
} as const;

const holidays = defineSubcommand({
  description: 'command.hours.publicHolidays',
  options: {
    state: {
      type: 'choice',
      description: 'command.hours.onOrOff',
      choices: [
        { value: 'on', label: 'command.hours.on', aliases: ['nyala', 'aktif'] },
        { value: 'off', label: 'command.hours.off', aliases: ['mati', 'nonaktif'] },
      ],
    },
  },
  async run(context: CommandContext<Needs>, { state }) {
    const { t, scope, services } = context;
    const { business_hours: hours, country } = scope.settings;
    if (state === undefined) return showDays(context);
    const corrections = hours.public_holidays?.corrections ?? [];
    const before = hours.public_holidays ?? { corrections: [...corrections], days: [], days_of: '' };
    await services.updateSettings(scope, {
      business_hours: { ...hours, public_holidays: { ...before, enabled: state === 'on' } },
    });
    const text = t(state === 'on' ? 'command.hours.holidaysOn' : 'command.hours.holidaysOff', {
      country: hours.public_holidays?.country ?? country,
    });
    return { text, ...(state === 'on' ? { buttons: showButton(context) } : {}) };
  },
});

const closed = defineSubcommand({
  description: 'command.hours.closedOn',
  options: {
    date: dateOption,
    name: { type: 'text', maxLength: 100, description: 'command.hours.name' },
  },
  run: (context: CommandContext<Needs>, { date, name }) =>
    setDay(context, date, { spans: [], ...(name === undefined ? {} : { name }) }),
});

const open = defineSubcommand({
  description: 'command.hours.openOn',
  options: {
    date: dateOption,
    times: { type: 'text', maxLength: 60, description: 'command.hours.times' },
  },
  async run(context: CommandContext<Needs>, { date, times }) {
    const spans = times === undefined ? undefined : parseSpans(times.toLowerCase().replace(/[–—]/g, '-'));
    if (times !== undefined && spans === undefined) return undefined;
    return spans === undefined ? openAsUsual(context, date) : setDay(context, date, { spans });
  },
});

/** Subcommands about holidays and single dates. */
export const dayCommands = { holidays, closed, open } as const;

async function setDay(
  context: CommandContext<Needs>,
  input: string,
  change: Omit<Exception, 'date'>,
): Promise<CommandReply> {
  const date = dateOf(context, input);
  if (date === undefined) return noDay(context, input);
  const { scope, services } = context;
  const { business_hours: hours } = scope.settings;
  const others = hours.exceptions.filter((each) => each.date !== date);
  const exceptions = [...others, { date, ...change }].sort((one, other) =>
    one.date.localeCompare(other.date),
  );
  await services.updateSettings(scope, { business_hours: { ...hours, exceptions } });
  return savedReply(context, { ...hours, exceptions }, date);
}

/** Removes everything special about the date, so that it is like any day of its weekday. */
async function openAsUsual(context: CommandContext<Needs>, input: string): Promise<CommandReply> {
  const date = dateOf(context, input);
  if (date === undefined) return noDay(context, input);
  const { scope, services } = context;
  const { business_hours: hours } = scope.settings;
  const isOther = (each: { readonly date: string }): boolean => each.date !== date;
  const { public_holidays: official } = hours;
  const isOfficial = official?.days.some((each) => each.date === date) === true;
  const corrections = official?.corrections.filter(isOther) ?? [];
  const updated = {
    ...hours,
    exceptions: hours.exceptions.filter(isOther),
    holidays: hours.holidays.filter(isOther),
    public_holidays: official && {
      ...official,
      corrections: isOfficial ? [...corrections, { date, closed: false }] : corrections,
    },
  };
  await services.updateSettings(scope, { business_hours: updated });
  return savedReply(context, updated, date);
}

function savedReply(context: CommandContext<Needs>, hours: BusinessHours, date: string): CommandReply {
  const special = specialDaysFrom(hours, date).find((each) => each.date === date);
  const line =
    special === undefined
      ? context.t('command.hours.dayAsUsual', { day: dayName(date, context) })
      : dayLine(special, context);
  return { text: context.t('command.hours.daySaved', { line }), buttons: showButton(context) };
}

function showDays(context: CommandContext<Needs>): CommandReply {
  const { t, scope, now } = context;
  const { business_hours: hours, timezone, country } = scope.settings;
  const { enabled = false, country: holidayCountry = country } = hours.public_holidays ?? {};
  const state = t(enabled ? 'command.hours.holidaysAreOn' : 'command.hours.holidaysAreOff', {
    country: holidayCountry,
  });
  const lines = specialDaysFrom(hours, dayIn(timezone, now))
    .slice(0, SHOWN_DAYS)
    .map((day) => `- ${dayLine(day, context)}`);
  const days = lines.length === 0 ? t('command.hours.noSpecialDays') : lines.join('\n');
  const label = t(enabled ? 'command.hours.switchOff' : 'command.hours.switchOn');
  const action = `/hours holidays ${enabled ? 'off' : 'on'}`;
  return { text: [state, days, t('command.hours.correctHint')].join('\n\n'), buttons: [[{ label, action }]] };
}

export function dayLine(day: SpecialDay, context: Pick<CommandContext, 't' | 'locale'>): string {
  const { date, name, hours } = day;
  const { t, locale } = context;
  const spans = typeof hours === 'string' ? '' : hours.map((each) => `${each.open}–${each.close}`).join(', ');
  const state = hours === 'as-usual' ? 'usual' : spans === '' ? 'closed' : 'open';
  const label = name === undefined ? '' : ` (${quote(name[locale])})`;
  return t('command.hours.dayLine', { day: `${dayName(date, context)}${label}`, state, spans });
}

function dayName(date: string, { locale }: Pick<CommandContext, 'locale'>): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
  return format.format(new Date(date));
}

function showButton({ t }: CommandContext<Needs>): NonNullable<CommandReply['buttons']> {
  return [[{ label: t('command.hours.showDays'), action: '/hours holidays' }]];
}

function noDay({ t }: CommandContext<Needs>, input: string): CommandReply {
  return { text: t('command.hours.noDay', { date: quote(input) }) };
}

/** Reads a date from today on, as people write it. */
function dateOf({ scope, now }: CommandContext<Needs>, input: string): string | undefined {
  const { timezone } = scope.settings;
  const when = readWhen(input.trim(), { now, timezone });
  if (when === undefined || when.type === 'cron' || when.length < input.trim().length) return undefined;
  const date = dayIn(timezone, when.at);
  return date < dayIn(timezone, now) ? undefined : date;
}
