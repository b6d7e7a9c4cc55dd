import { ModelError } from '../../contracts/model.js';
import type { SearchHit } from '../../contracts/retriever.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { escapeMarkdown } from '../../lib/escape-markdown.js';
import { withButtons } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import { applyOutgoingPolicy, outgoingPolicy } from '../outgoing/outgoing-policy.js';
import type { Leave } from '../live-answer.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import type { ModelAnswer } from './ask-model.js';
import { askModel } from './ask-model.js';
import { buildPrompt } from './build-prompt.js';
import { cite } from './cite.js';
import { fallBack } from './fall-back.js';
import { makeBubbles } from './make-bubbles.js';
import { ratingAction } from './press-button.js';
import { retrieve } from './retrieve.js';

/** Retrieval, the models in their order, the policy of what may leave, and the sources. */
export async function answerFromKnowledge(
  state: TurnState,
  reads: TurnReads,
  turnId: string,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const history = await reads.history();
  const hits = await retrieve(state, reads, deps);
  if (hits.length === 0 && state.scope.settings.knowledge.only_documents) return fallBack(state, 'no-answer');
  const request = buildPrompt(state, hits, history, deps.tools.specs);
  state.emit({ type: 'status', state: 'thinking' });
  const chain = deps.chainFor(state.scope.settings.models.chain);
  let answer: ModelAnswer;
  try {
    const leave = leaveFor(state, request.system, hits);
    answer = await askModel(request, chain, deps.tools, leave, state);
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
    deps.logger.warn({ kind: error.kind, provider: error.provider }, 'no model could answer');
    return fallBack(state, 'models-failed');
  }
  if (answer.text === '') return fallBack(state, 'no-answer');
  return compose(answer, hits, turnId, state, deps);
}

/** What may leave of a text: links and names the business or the person wrote, and sources there are. */
function leaveFor(state: TurnState, system: string, hits: readonly SearchHit[]): Leave {
  const trusted = [system, state.text, ...hits.map((hit) => hit.text)].join('\n');
  const { allowed_link_hosts: hosts } = state.scope.settings;
  const policy = outgoingPolicy(trusted, hosts, state.t('link.removed'));
  return (text, numbers) => applyOutgoingPolicy(numbers.renumber(text), policy);
}

function compose(
  answer: ModelAnswer,
  hits: readonly SearchHit[],
  turnId: string,
  state: TurnState,
  deps: ConversationDependencies,
): TurnAnswer {
  const { text } = answer;
  const citations = cite(text, answer.sources, hits);
  const pushed = state.capabilities.delivery === 'push';
  // Where nothing but text can be shown, the sources are part of it.
  const shown = pushed && citations.length > 0 ? `${text}\n\n${sourcesLine(citations, state)}` : text;
  const bubbles = makeBubbles(shown, state);
  for (const citation of citations) state.emit({ type: 'citation', citation });
  return {
    text,
    bubbles: withButtons(
      bubbles,
      pushed && state.capabilities.buttons ? ratingButtons(turnId, state) : undefined,
    ),
    source: citations.length > 0 ? 'knowledge' : answer.usedTools ? 'tool' : 'model',
    citations,
    locale: state.locale,
    model: `${answer.provider}:${answer.model}`,
    usage: { ...answer.usage, costMicros: deps.priceOf(answer.provider, answer.model, answer.usage) },
  };
}

function sourcesLine(citations: TurnAnswer['citations'], state: TurnState): string {
  const titles = citations.map((citation) => `[${citation.n}] ${escapeMarkdown(citation.title)}`);
  return `_${state.t('answer.sources')}: ${titles.join(', ')}_`;
}

function ratingButtons(turnId: string, { t }: TurnState): { label: string; action: string }[][] {
  return [
    [
      { label: t('button.helpful'), action: ratingAction('up', turnId) },
      { label: t('button.notHelpful'), action: ratingAction('down', turnId) },
    ],
  ];
}
