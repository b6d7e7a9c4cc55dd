import type { Events } from '../../contracts/events.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { Contact, TenantScope } from '../../contracts/stores.js';
import { statedFacts } from './stated-facts.js';
import type { Suggestions } from './suggestions.js';

const LOOK_EVERY_MS = 500;
const MOST_LOOKS = 10;

/** Listens to incoming messages and notices what people say about themselves. */
export function suggestFromEvents(
  events: Events,
  deps: { readonly suggestions: Suggestions; readonly logger: Logger; readonly clock: Clock },
): Events {
  return {
    async emit(scope, type, data) {
      await events.emit(scope, type, data);
      if (type !== 'message.received') return;
      try {
        await notice(scope, data, deps);
      } catch (error) {
        // The message is answered regardless.
        deps.logger.error(
          { error, tenantId: scope.tenantId },
          'the facts a person stated could not be saved as suggestions',
        );
      }
    },
  };
}

async function notice(
  scope: TenantScope,
  { text, contact_id: contactId, conversation_id: conversationId }: Readonly<Record<string, unknown>>,
  { suggestions, clock }: { readonly suggestions: Suggestions; readonly clock: Clock },
): Promise<void> {
  if (typeof text !== 'string' || typeof contactId !== 'string' || typeof conversationId !== 'string') return;
  const facts = statedFacts(text, scope.settings.country);
  if (Object.keys(facts).length === 0) return;
  const contact = await scope.contacts.get(contactId);
  // The conversation of a first message is created together with the answer.
  let conversation = await scope.conversations.get(conversationId);
  for (let looks = 0; conversation === undefined && looks < MOST_LOOKS; looks += 1) {
    await clock.sleep(LOOK_EVERY_MS);
    conversation = await scope.conversations.get(conversationId);
  }
  // In a group it is not always clear who is talking about whom, and staff write about other people.
  if (contact === undefined || isStaff(scope, contact) || conversation?.chat.kind !== 'direct') return;
  if (conversation.attends !== undefined) return;
  await suggestions.suggestFacts(scope, contact, facts);
}

function isStaff({ settings }: TenantScope, { isStaff: claimed, identities }: Contact): boolean {
  return (
    claimed ||
    settings.staff.some((member) =>
      identities.some(({ channel, userId }) => channel === member.channel && userId === member.user_id),
    )
  );
}
