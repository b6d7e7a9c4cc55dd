import type { ConnectionState } from '../src/contracts/channel.js';
import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import { allItems, type Conversation, type ServiceStore } from '../src/contracts/stores.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';
import { quote } from '../src/lib/excerpt.js';
import { shortId } from '../src/lib/short-id.js';

/** Looked through for people who wait; older conversations are seen in the API. */
const RECENT_CONVERSATIONS = 1000;
const SHOWN_WAITING = 10;

type Needs = NeedsHours & Pick<ServiceStore, 'connectionStates'>;

export const status = defineCommand({
  name: 'status',
  audience: 'staff',
  description: 'command.status.description',
  options: {},
  async run(context: CommandContext<Needs>) {
    const parts = [
      context.t('command.status.mode', { mode: context.conversation.mode }),
      openingLine(context),
      await connections(context),
      await waiting(context),
      await knowledge(context),
    ];
    return { text: parts.filter((part) => part !== undefined).join('\n\n') };
  },
});

async function connections({ t, scope, services }: CommandContext<Needs>): Promise<string | undefined> {
  const states = await services.connectionStates(scope.tenantId);
  if (states.length === 0) return undefined;
  const lines = states.map(
    ({ channel, state }) =>
      `- ${channel}: ${t('command.status.connection', { state: state.state.replaceAll('-', '_') })}${reason(state)}`,
  );
  return [t('command.status.connections'), ...lines].join('\n');
}

function reason(state: ConnectionState): string {
  return 'reason' in state ? ` (${quote(state.reason)})` : '';
}

async function waiting({ t, scope }: CommandContext): Promise<string> {
  const recent = await allItems((page) => scope.conversations.list(page), RECENT_CONVERSATIONS);
  const people = recent.filter((conversation) => conversation.mode === 'human');
  const line = ({ id, title, channel }: Conversation): string =>
    `- ${quote(title)} · ${channel} · \`${shortId(id)}\``;
  const heading = t('command.status.waiting', { count: people.length });
  return [heading, ...people.slice(0, SHOWN_WAITING).map(line)].join('\n');
}

async function knowledge({ t, scope }: CommandContext): Promise<string> {
  const [documents, faq, questions] = await Promise.all([
    allItems((page) => scope.documents.list(page), 10_000),
    scope.faq.all(),
    allItems((page) => scope.unanswered.list(page), 10_000),
  ]);
  return t('command.status.knowledge', {
    documents: documents.length,
    faq: faq.length,
    unanswered: questions.filter((question) => question.status === 'open').length,
  });
}
