import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { Translate } from '../src/contracts/i18n.js';
import { CURRENCY, type UsageService, type UsageTotals } from '../src/contracts/usage.js';
import { dayIn, firstOfMonth } from '../src/lib/time/calendar.js';
import { quote } from '../src/lib/text/excerpt.js';

/** How many models to show; the API has all of them. */
const SHOWN_MODELS = 10;

/** What is said about calls that the figures show only in part. */
const NOTES = [
  { of: 'unpricedCalls', text: 'command.usage.unpriced' },
  { of: 'estimatedCalls', text: 'command.usage.estimated' },
] as const;

/** The services used by commands about costs. */
export interface NeedsUsage {
  readonly usage: UsageService;
}

export const usage = defineCommand({
  name: 'usage',
  audience: 'staff',
  description: 'command.usage.description',
  options: {
    period: {
      type: 'choice',
      description: 'command.usage.period',
      choices: [
        { value: 'month', label: 'command.usage.month', aliases: ['bulan'] },
        { value: 'today', label: 'command.usage.today', aliases: ['day', 'hari'] },
      ],
    },
  },
  async run({ t, scope, services, now }: CommandContext<NeedsUsage>, { period }) {
    const today = dayIn(scope.settings.timezone, now);
    const from = period === 'today' ? today : firstOfMonth(today);
    const totals = await services.usage.report(scope, { from, to: today, groupBy: 'model' });
    const heading = `**${t(period === 'today' ? 'command.usage.today' : 'command.usage.month')}**`;
    if (totals.length === 0) return { text: `${heading}\n${t('command.usage.none')}` };
    const models = totals.slice(0, SHOWN_MODELS).map((each) => `- ${quote(each.key)}: ${line(t, [each])}`);
    const notes = NOTES.flatMap(({ of, text }) => {
      const count = sumOf(totals, of);
      return count === 0 ? [] : [t(text, { count })];
    });
    return { text: [heading, line(t, totals), ...models, ...notes].join('\n') };
  },
});

function line(t: Translate, totals: readonly UsageTotals[]): string {
  return t('command.usage.line', {
    turns: sumOf(totals, 'turns'),
    tokens: sumOf(totals, 'inputTokens') + sumOf(totals, 'outputTokens'),
    cost: sumOf(totals, 'costMicros') / 1_000_000,
    currency: CURRENCY,
  });
}

function sumOf(totals: readonly UsageTotals[], field: Exclude<keyof UsageTotals, 'key'>): number {
  return totals.reduce((total, each) => total + each[field], 0);
}
