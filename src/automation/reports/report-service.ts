import type { Reports } from '../../contracts/reports.js';
import type { I18n } from '../../contracts/i18n.js';
import { dayIn } from '../../lib/time/calendar.js';
import { makeReport, type ReportDependencies } from './make-report.js';
import { periodOfKind } from './period.js';
import { reportPicture } from './report-picture.js';
import { reportButtons, reportText } from './report-text.js';

export function createReports(
  deps: ReportDependencies & { readonly i18n: Pick<I18n, 'translator'> },
): Reports {
  return {
    async message(scope, kind, locale, date) {
      const { timezone } = scope.settings;
      const day = date ?? dayIn(timezone, deps.clock.now());
      const period = periodOfKind(kind === 'daily' ? 'day' : 'week', day, timezone);
      const report = await makeReport(deps, scope, period);
      const t = deps.i18n.translator(locale);
      const buttons = reportButtons(report, t);
      const bytes = await reportPicture(report, locale, t);
      const picture = bytes && { name: `report-${period.key}.png`, mediaType: 'image/png', bytes };
      return {
        text: reportText(report, locale, t),
        ...(buttons === undefined ? {} : { buttons }),
        ...(picture === undefined ? {} : { files: [picture] }),
      };
    },
  };
}
