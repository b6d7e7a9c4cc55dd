import type { CommandContext } from '../../src/contracts/command.js';

/** Whether the business is open, as a sentence; `undefined` when it never said when it is. */
export function openingLine({ t, scope, services, locale, now }: CommandContext): string | undefined {
  return services.openingHours.sentence(scope.settings, now, locale, t);
}
