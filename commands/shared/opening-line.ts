import type { CommandContext } from '../../src/contracts/command.js';
import type { NextOpening } from '../../src/contracts/opening-hours.js';

/** Whether the business is open, as a sentence; `undefined` when it never said when it is. */
export function openingLine(context: CommandContext): string | undefined {
  const { t, scope, services, now } = context;
  const opening = services.openingHours.state(scope.settings, now);
  switch (opening.state) {
    case 'unknown':
      return undefined;
    case 'open':
      return t('hours.open', { time: opening.until });
    case 'closed': {
      const next = opening.opensNext;
      return next
        ? t('hours.closed', { day: dayName(context, next), time: next.time })
        : t('hours.closedForNow');
    }
    default: {
      const unexpected: never = opening;
      return unexpected;
    }
  }
}

function dayName({ t, locale }: CommandContext, { daysAway, date }: NextOpening): string {
  if (daysAway === 0) return t('hours.today');
  if (daysAway === 1) return t('hours.tomorrow');
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    ...(daysAway < 7 ? {} : { day: 'numeric', month: 'long' }),
    timeZone: 'UTC',
  });
  return format.format(new Date(date));
}
