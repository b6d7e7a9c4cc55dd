import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';
import type { OpeningHours } from '../src/contracts/opening-hours.js';
import { attendanceOf } from '../src/lib/attendance.js';

interface Needs {
  readonly handOver: HandOver;
  readonly openingHours: OpeningHours;
}

export const human = defineCommand({
  name: 'human',
  audience: 'everyone',
  description: 'command.human.description',
  options: {},
  async run(context: CommandContext<Needs>) {
    const { t, scope, conversation, services, eventKey } = context;
    const buttons = [[{ label: t('button.backToBot'), action: '/bot' }]];
    const attendance = attendanceOf(conversation);
    if (attendance !== 'bot') {
      return { text: t(attendance === 'waiting' ? 'handover.waiting' : 'handover.active'), buttons };
    }
    const { notified } = await services.handOver.ask(scope, conversation, eventKey, 'asked');
    const parts = [t(notified > 0 ? 'handover.started' : 'handover.startedUntold'), outOfHours(context)];
    return { text: parts.filter((part) => part !== undefined).join('\n\n'), buttons };
  },
});

function outOfHours({ t, scope, services, locale, now }: CommandContext<Needs>): string | undefined {
  const { settings } = scope;
  if (services.openingHours.state(settings, now).state !== 'closed') return undefined;
  const closedText = settings.business_hours.closed_text[locale];
  if (closedText !== undefined) return closedText;
  const hours = services.openingHours.describe(settings.business_hours, locale);
  return t('fallback.outOfHours', { hours });
}
