import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type UpdateSettings,
} from '../src/contracts/command.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';
import { parseHours } from './shared/parse-hours.js';

type Needs = NeedsHours & { readonly updateSettings: UpdateSettings };

const set = defineSubcommand({
  description: 'command.hours.set',
  options: { week: { type: 'text', required: true, description: 'command.hours.week' } },
  /** Replaces the week; holidays stay. */
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
  },
  run: show,
});

function show(context: CommandContext<NeedsHours>): Promise<CommandReply> {
  const { t, scope, services, locale } = context;
  const { business_hours: week, timezone } = scope.settings;
  const weekly = services.openingHours.describe(week, locale);
  if (weekly === '') return Promise.resolve({ text: t('command.hours.none') });
  const parts = [`${weekly} (${timezone})`, openingLine(context), holidays(context)];
  return Promise.resolve({ text: parts.filter((part) => part !== undefined).join('\n\n') });
}

/** Holidays from today on. */
function holidays({ t, scope, locale, now }: CommandContext): string | undefined {
  const today = now.toISOString().slice(0, 10);
  const coming = scope.settings.business_hours.holidays.filter(({ date }) => date >= today);
  if (coming.length === 0) return undefined;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const lines = coming.map(({ date, name }) => `- ${format.format(new Date(date))}: ${name}`);
  return [t('command.hours.holidays'), ...lines].join('\n');
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
