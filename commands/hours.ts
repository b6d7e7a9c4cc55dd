import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type UpdateSettings,
} from '../src/contracts/command.js';
import { dayIn } from '../src/lib/time/calendar.js';
import { specialDaysFrom } from '../src/lib/time/special-days.js';
import { dayCommands, dayLine } from './shared/holidays-commands.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';
import { parseHours } from './shared/parse-hours.js';

/** How many special days the overview shows. */
const SHOWN_DAYS = 5;

type Needs = NeedsHours & { readonly updateSettings: UpdateSettings };

const set = defineSubcommand({
  description: 'command.hours.set',
  options: { week: { type: 'text', required: true, description: 'command.hours.week' } },
  /** Replaces the week; special days stay. */
  async run(context: CommandContext<Needs>, { week }) {
    const days = parseHours(week);
    return days && save(context, days);
  },
});

export const hours = defineCommand({
  name: 'hours',
  audience: 'staff',
  description: 'command.hours.description',
  options: {},
  subcommands: {
    show: defineSubcommand({ description: 'command.hours.show', options: {}, run: show }),
    set,
    clear: defineSubcommand({
      description: 'command.hours.clear',
      options: {},
      run: (context: CommandContext<Needs>) => save(context, {}),
    }),
    ...dayCommands,
  },
  run: show,
});

function show(context: CommandContext<NeedsHours>): Promise<CommandReply> {
  const { t, scope, services, locale } = context;
  const { business_hours: week, timezone } = scope.settings;
  const weekly = services.openingHours.describe(week, locale);
  if (weekly === '') return Promise.resolve({ text: t('command.hours.none') });
  const parts = [`${weekly} (${timezone})`, openingLine(context), specialDays(context)];
  return Promise.resolve({ text: parts.filter((part) => part !== undefined).join('\n\n') });
}

/** The next special days; `/hours holidays` shows more. */
function specialDays(context: CommandContext): string | undefined {
  const { t, scope, now } = context;
  const { business_hours: hours, timezone } = scope.settings;
  const coming = specialDaysFrom(hours, dayIn(timezone, now));
  if (coming.length === 0) return undefined;
  const lines = coming.slice(0, SHOWN_DAYS).map((day) => `- ${dayLine(day, context)}`);
  const more = coming.length > SHOWN_DAYS ? [t('command.hours.moreDays')] : [];
  return [t('command.hours.holidays'), ...lines, ...more].join('\n');
}

async function save(
  { t, scope, services, locale }: CommandContext<Needs>,
  days: NonNullable<ReturnType<typeof parseHours>>,
): Promise<CommandReply> {
  await services.updateSettings(scope, {
    business_hours: { ...scope.settings.business_hours, days },
  });
  const weekly = services.openingHours.describe({ days }, locale);
  return { text: weekly === '' ? t('command.hours.cleared') : t('command.hours.saved', { hours: weekly }) };
}
