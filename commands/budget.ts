import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
} from '../src/contracts/command.js';
import { CURRENCY, type Budget } from '../src/contracts/usage.js';
import type { NeedsUsage } from './usage.js';

const MICROS = 1_000_000;
const LIMITS = {
  day: 'dayMicros',
  month: 'monthMicros',
  person: 'contactDayMicros',
} as const satisfies Record<string, keyof Budget>;

const set = defineSubcommand({
  description: 'command.budget.set',
  options: {
    limit: {
      type: 'choice',
      required: true,
      description: 'command.budget.limit',
      choices: [
        { value: 'day', label: 'command.budget.day', aliases: ['hari'] },
        { value: 'month', label: 'command.budget.month', aliases: ['bulan'] },
        { value: 'person', label: 'command.budget.person', aliases: ['orang'] },
      ],
    },
    amount: { type: 'number', required: true, min: 0, description: 'command.budget.amount' },
  },
  /** An amount of zero removes the limit. */
  async run(context: CommandContext<NeedsUsage>, { limit, amount }) {
    const { scope, services } = context;
    const { budget } = await services.usage.budget(scope);
    const { [LIMITS[limit]]: _former, ...others } = budget;
    const micros = Math.round(amount * MICROS);
    await services.usage.setBudget(scope, micros === 0 ? others : { ...others, [LIMITS[limit]]: micros });
    return show(context);
  },
});

export const budget = defineCommand({
  name: 'budget',
  audience: 'staff',
  description: 'command.budget.description',
  options: {},
  subcommands: {
    show: defineSubcommand({ description: 'command.budget.show', options: {}, run: show }),
    set,
  },
  otherwise: 'set',
  run: show,
});

async function show({ t, scope, services }: CommandContext<NeedsUsage>): Promise<CommandReply> {
  const { budget: limits, spent } = await services.usage.budget(scope);
  const { dayMicros, monthMicros, contactDayMicros } = limits;
  const money = (micros: number): string =>
    t('command.budget.money', { amount: micros / MICROS, currency: CURRENCY });
  const spending = (spentMicros: number, limit: number | undefined): string =>
    limit === undefined
      ? t('command.budget.unlimited', { spent: money(spentMicros) })
      : t('command.budget.spent', {
          spent: money(spentMicros),
          limit: money(limit),
          percent: limit === 0 ? 100 : Math.round((100 * spentMicros) / limit),
        });
  return {
    text: [
      `- ${t('command.budget.day')}: ${spending(spent.dayMicros, dayMicros)}`,
      `- ${t('command.budget.month')}: ${spending(spent.monthMicros, monthMicros)}`,
      ...(contactDayMicros === undefined
        ? []
        : [`- ${t('command.budget.person')}: ${money(contactDayMicros)}`]),
    ].join('\n'),
  };
}
