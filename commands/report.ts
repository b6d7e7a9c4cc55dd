import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { Reports } from '../src/contracts/reports.js';
import { quote } from '../src/lib/text/excerpt.js';
import { readPeriod } from './shared/read-date.js';

interface Needs {
  readonly reports: Reports;
}

export const report = defineCommand({
  name: 'report',
  audience: 'staff',
  description: 'command.report.description',
  options: {
    period: {
      type: 'choice',
      orNext: true,
      description: 'command.report.period',
      choices: [
        { value: 'daily', label: 'command.report.periodDaily', aliases: ['day', 'hari', 'harian'] },
        { value: 'weekly', label: 'command.report.periodWeekly', aliases: ['week', 'minggu', 'mingguan'] },
      ],
    },
    date: { type: 'text', maxLength: 40, description: 'command.report.date' },
  },
  async run({ t, scope, services, locale, now }: CommandContext<Needs>, { period, date }) {
    if (date === undefined) return services.reports.message(scope, period ?? 'daily', locale);
    const requested = readPeriod(date, period, { now, timezone: scope.settings.timezone });
    if (requested === undefined) return { text: t('command.report.noDay', { date: quote(date) }) };
    return services.reports.message(scope, requested.period, locale, requested.day);
  },
});
