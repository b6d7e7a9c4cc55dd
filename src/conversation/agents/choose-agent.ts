import type { AgentSettings, TenantSettings } from '../../contracts/settings.js';
import type { ToolRunner } from '../../contracts/tool.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { wordsOf } from '../words-of.js';
import { TEMPLATES } from './templates.js';

/**
 * Chooses the agent for this message: the one the person picked, the one whose keyword or intent matches, or
 * the one assigned to the channel. `undefined`: the bot itself.
 */
export async function agentFor(
  state: Pick<TurnState, 'scope' | 'conversation' | 'text'>,
  reads: Pick<TurnReads, 'takenFor'>,
): Promise<AgentSettings | undefined> {
  // Settings stored before agents existed have none.
  const { agents = [] }: Partial<TenantSettings> = state.scope.settings;
  if (agents.length === 0) return undefined;
  const { agent: agentName, channel } = state.conversation;
  const paddedText = ` ${wordsOf(state.text).join(' ')} `;
  const called =
    agents.find(({ name }) => name === agentName) ??
    agents.find(({ keywords = [] }) =>
      keywords.some((word) => paddedText.includes(` ${wordsOf(word).join(' ')} `)),
    );
  if (called !== undefined) return called;
  const intent = agents.some(({ intents = [] }) => intents.length > 0) ? await reads.takenFor() : undefined;
  return (
    agents.find(({ intents = [] }) => intent !== undefined && intents.includes(intent)) ??
    agents.find(({ channels = [] }) => channels.includes(channel))
  );
}

/** The turn as seen by this agent: its persona, models and tools, and no others. */
export function asAgent<Deps extends Pick<ConversationDependencies, 'tools'>>(
  agent: AgentSettings | undefined,
  state: TurnState,
  deps: Deps,
): { readonly state: TurnState; readonly deps: Deps } {
  if (agent === undefined) return { state, deps };
  const { settings } = state.scope;
  const own = { ...(agent.template === undefined ? {} : TEMPLATES[agent.template]), ...withoutAbsent(agent) };
  const agentSettings = {
    ...settings,
    persona: own.persona ?? settings.persona,
    sop: [settings.sop, own.sop ?? ''].filter((part) => part !== '').join('\n\n'),
    tone: own.tone ?? settings.tone,
    models: { ...settings.models, chain: agent.chain ?? settings.models.chain },
  };
  return {
    state: { ...state, scope: { ...state.scope, settings: agentSettings } },
    deps: {
      ...deps,
      ...(agent.tools === undefined ? {} : { tools: onlyTools(deps.tools, agent.tools) }),
    },
  };
}

function withoutAbsent(agent: AgentSettings): Pick<AgentSettings, 'persona' | 'sop' | 'tone'> {
  const { persona, sop, tone } = agent;
  return {
    ...(persona === undefined ? {} : { persona }),
    ...(sop === undefined ? {} : { sop }),
    ...(tone === undefined ? {} : { tone }),
  };
}

/** Hides tools that are not the agent's from the model, and refuses calls to them. */
function onlyTools(tools: ToolRunner, names: readonly string[]): ToolRunner {
  return {
    specs: tools.specs.filter(({ name }) => names.includes(name)),
    async specsFor(scope, isStaff) {
      const specs = (await tools.specsFor?.(scope, isStaff)) ?? tools.specs;
      return specs.filter(({ name }) => names.includes(name));
    },
    execute: (call, context) =>
      names.includes(call.name)
        ? tools.execute(call, context)
        : Promise.resolve({
            callId: call.id,
            name: call.name,
            content: JSON.stringify({ error: 'unknown-tool', message: 'There is no such tool.' }),
            isError: true,
          }),
  };
}
