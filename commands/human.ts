import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { OpeningHours } from '../src/contracts/opening-hours.js';

interface Needs {
  readonly openingHours: OpeningHours;
}

export const human = defineCommand({
  name: 'human',
  audience: 'everyone',
  description: 'command.human.description',
  options: {},
  async run(context: CommandContext<Needs>) {
    const { t, scope, conversation } = context;
    if (conversation.mode === 'human') return { text: t('handover.active') };
    await scope.conversations.update(conversation.id, { mode: 'human' });
    const parts = [t('handover.started'), outOfHours(context)];
    return { text: parts.filter((part) => part !== undefined).join('\n\n') };
  },
});

function outOfHours({ t, scope, services, locale, now }: CommandContext<Needs>): string | undefined {
  const { settings } = scope;
  if (services.openingHours.state(settings, now).state !== 'closed') return undefined;
  const hours = services.openingHours.describe(settings.business_hours, locale);
  return t('fallback.outOfHours', { hours });
}
