import type { CommandContext } from '../../src/contracts/command.js';
import type { OpeningHours } from '../../src/contracts/opening-hours.js';

export interface NeedsHours {
  readonly openingHours: OpeningHours;
}

/** Whether the business is open, as a sentence; `undefined`: it has set no hours. */
export function openingLine({
  t,
  scope,
  services,
  locale,
  now,
}: CommandContext<NeedsHours>): string | undefined {
  return services.openingHours.sentence(scope.settings, now, locale, t);
}
