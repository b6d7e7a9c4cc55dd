import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { SmallTalk } from '../small-talk/phrases.js';
import type { TurnState } from '../turn-state.js';

/** Replies to a greeting or a thank-you that no model answered; nothing was asked, so nothing is recorded. */
export function makeSmallTalk(kind: SmallTalk, state: TurnState): TurnAnswer {
  return plainAnswer(state, 'model', textFor(kind, state));
}

function textFor(kind: SmallTalk, { t, scope }: TurnState): string {
  switch (kind) {
    case 'greeting':
      return t('command.start.greeting', { business: scope.settings.name });
    case 'thanks':
      return t('smallTalk.thanks');
    case 'farewell':
      return t('smallTalk.farewell');
    case 'acknowledgement':
      return t('smallTalk.acknowledgement');
  }
}
