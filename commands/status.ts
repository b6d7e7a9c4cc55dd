import type { ConnectionState } from '../src/contracts/channel.js';
import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import { allItems, type ServiceStore } from '../src/contracts/stores.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';
import { personIn, sinceIn, waitingConversations } from './shared/waiting.js';
import { connectionReason } from '../src/lib/channels/connection-reason.js';
import { quote } from '../src/lib/text/excerpt.js';
import { shortId } from '../src/lib/ids/short-id.js';

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
      `- ${channel}: ${t('command.status.connection', { state: state.state.replaceAll('-', '_') })}${reason(state, t)}`,
  );
  return [t('command.status.connections'), ...lines].join('\n');
}

function reason(state: ConnectionState, t: CommandContext['t']): string {
  const text = connectionReason(state, t);
  return text === undefined ? '' : ` (${quote(text)})`;
}

async function waiting(context: CommandContext): Promise<string> {
  const people = await waitingConversations(context);
  const lines = await Promise.all(
    people.slice(0, SHOWN_WAITING).map(async (item) => {
      const name = await personIn(context, item);
      return `- **${name}** · ${item.channel} · ${sinceIn(context, item)} · \`${shortId(item.id)}\``;
    }),
  );
  return [context.t('command.status.waiting', { count: people.length }), ...lines].join('\n');
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
