import type { Actions, Decision } from '../../src/contracts/actions.js';
import type { CommandContext, CommandReply } from '../../src/contracts/command.js';

interface Needs {
  readonly actions: Actions;
}

/** Decides a pending action, if the person may. The outcome is reported separately. */
export function decideAction(decision: Decision) {
  return async (
    { scope, contact, conversation, isStaff, t, services }: CommandContext<Needs>,
    { action: id }: { readonly action: string },
  ): Promise<CommandReply> => {
    const outcome = await services.actions.decide(scope, id.trim(), decision, {
      type: 'person',
      contactId: contact.id,
      conversationId: conversation.id,
      isStaff,
    });
    switch (outcome.type) {
      // Does not reveal to others whether such an action exists.
      case 'unknown':
      case 'not-yours':
        return { text: t('action.notYours') };
      case 'too-late':
        return { text: t('action.tooLate', { status: outcome.action.status }) };
      case 'decided':
        return { text: t(decision === 'confirm' ? 'action.confirmed' : 'action.cancelled') };
      default:
        return outcome satisfies never;
    }
  };
}
