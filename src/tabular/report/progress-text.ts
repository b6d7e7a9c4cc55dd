import type { CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import type { TrainingRow } from '../records/records.js';

const BAR = 10;

/** The progress of a training, with buttons to check and stop it. */
export function progressReply(
  { _id, wish, progress, stage }: TrainingRow,
  t: Translate,
): CommandReply & { readonly buttons: NonNullable<CommandReply['buttons']> } {
  const full = Math.round(progress * BAR);
  return {
    text: t('tables.train.progress', {
      target: quote(wish.target),
      percent: Math.round(progress * 100),
      bar: '▰'.repeat(full) + '▱'.repeat(BAR - full),
      stage,
    }),
    buttons: trainingButtons(_id, t),
  };
}

export function trainingButtons(id: string, t: Translate): NonNullable<CommandReply['buttons']> {
  return [
    [
      { label: t('tables.button.status'), action: `/train status | ${shortId(id)}` },
      { label: t('tables.button.stop'), action: `/train stop | ${shortId(id)}` },
    ],
  ];
}
