import { z } from 'zod';
import { dayIn } from '../../lib/time/calendar.js';
import { mondayOfWeek } from '../../lib/time/iso-week.js';
import { invalidRequest } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { makeReport, type ReportDependencies } from './make-report.js';
import { dayPeriod, weekPeriod } from './period.js';
import { reportJson, reportSchema } from './report-json.js';

const numbers = {
  conversations: 34,
  new_contacts: 12,
  messages: 118,
  answers: { faq: 40, knowledge: 31, model: 12, tool: 6, command: 9, human: 8, asked_back: 7, nothing: 5 },
  failed_deliveries: 0,
  followups_sent: 3,
  followups_failed: 1,
  feedback: { up: 9, down: 1 },
  cost_micros: 124_000,
  model_calls: 31,
  failed_calls: 0,
  unpriced_calls: 2,
};
const example = {
  period: 'day',
  key: '2026-11-27',
  from: '2026-11-26T17:00:00.000Z',
  until: '2026-11-27T17:00:00.000Z',
  timezone: 'Asia/Jakarta',
  is_over: true,
  currency: 'USD',
  numbers,
  messages_by_hour: [0, 0, 0, 0, 0, 0, 1, 4, 9, 14, 16, 12, 8, 9, 10, 9, 8, 7, 5, 3, 2, 1, 0, 0],
  before: [{ key: '2026-11-20', numbers }],
  usual: { conversations: 34, messages: 118, cost_micros: 124_000 },
  unusual: [],
  unanswered: {
    open: 2,
    top: [{ id: 'unanswered_5mQ0x7cWb2nVrT8s', question: 'Do you gift-wrap?', locale: 'en', count: 3 }],
  },
  waiting: { count: 1, since: '2026-11-27T10:05:00.000Z' },
  followups_due: 4,
  channels: [{ account_id: 'shop-telegram', channel: 'telegram', state: 'open' }],
};
const responses = { 200: { description: 'The numbers', schema: reportSchema, example } };
const common = { method: 'GET', auth: 'tenant', tag: 'reports', responses } as const;

export function reportRoutes(deps: ReportDependencies): Route[] {
  return [
    defineRoute({
      ...common,
      path: '/v1/reports/daily',
      summary: 'Report on one day',
      query: z.strictObject({
        date: z.iso.date().optional().describe('A day where the business is; today when absent'),
      }),
      async handler({ query: { date }, access: { scope } }) {
        const { timezone } = scope.settings;
        const period = dayPeriod(date ?? dayIn(timezone, deps.clock.now()), timezone);
        return json(200, reportJson(await makeReport(deps, scope, period)));
      },
    }),
    defineRoute({
      ...common,
      path: '/v1/reports/weekly',
      summary: 'Report on one week',
      query: z.strictObject({
        week: z.string().max(10).optional().describe('An ISO week, 2026-W48; this week when absent'),
      }),
      async handler({ query: { week }, access: { scope } }) {
        const { timezone } = scope.settings;
        const day = week === undefined ? dayIn(timezone, deps.clock.now()) : mondayOfWeek(week);
        if (day === undefined) {
          throw invalidRequest('There is no such week.', [
            { path: 'week', code: 'invalid', message: 'is not an ISO week like 2026-W48' },
          ]);
        }
        return json(200, reportJson(await makeReport(deps, scope, weekPeriod(day, timezone))));
      },
    }),
  ];
}
