import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { TenantSettings } from '../src/contracts/settings.js';
import { quote } from '../src/lib/text/excerpt.js';

/** The name that stands for the bot itself. */
const NOBODY = 'off';

export const agent = defineCommand({
  name: 'agent',
  audience: 'everyone',
  description: 'command.agent.description',
  options: { name: { type: 'text', maxLength: 32, description: 'command.agent.name' } },
  async run({ t, scope, conversation }: CommandContext, { name }) {
    // Settings stored before agents existed have none.
    const { agents = [] }: Partial<TenantSettings> = scope.settings;
    const names = agents.map((each) => each.name);
    if (names.length === 0) return { text: t('command.agent.none') };
    const agentName = name?.trim().toLowerCase();
    if (agentName === NOBODY) {
      await scope.conversations.update(conversation.id, { agent: '' });
      return { text: t('command.agent.off') };
    }
    if (agentName !== undefined && names.includes(agentName)) {
      await scope.conversations.update(conversation.id, { agent: agentName });
      return { text: t('command.agent.chosen', { name: quote(agentName) }) };
    }
    const buttons = names.map((each) => [{ label: each, action: `/agent ${each}` }]);
    return { text: t('command.agent.choose'), buttons };
  },
});
