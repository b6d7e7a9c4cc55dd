import type { Translate } from '../contracts/i18n.js';
import type { Conversation } from '../contracts/stores.js';
import { shortId } from '../lib/ids/short-id.js';

/** What a member of staff can do about a waiting conversation. */
export function waitingButtons(
  { id }: Conversation,
  t: Translate,
): readonly (readonly { readonly label: string; readonly action: string }[])[] {
  const short = shortId(id);
  return [
    [
      { label: t('button.takeOver'), action: `/takeover ${short}` },
      { label: t('button.answerOnce'), action: `/reply ${short}` },
      { label: t('button.later'), action: `/later ${short}` },
    ],
  ];
}
