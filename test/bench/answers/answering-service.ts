import { noEvents } from '../../fakes/no-events.js';
import type { SearchRequest } from '../../../src/contracts/retriever.js';
import type { TurnAnswer } from '../../../src/contracts/turn.js';
import { readInput } from '../../../src/conversation/steps/read-input.js';
import { answerFromKnowledge } from '../../../src/conversation/steps/answer-from-knowledge.js';
import { createMessageReader, selectQuote } from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { directEvent } from '../../../src/lib/channels/response-channel.js';
import { createExtractiveModel } from '../../../src/llm/extractive/index.js';
import { PlainSpeakers } from '../../../src/conversation/plain-speakers.js';
import { TurnReads } from '../../../src/conversation/turn-reads.js';
import { RESPONSE_CAPABILITIES } from '../../../src/lib/channels/response-channel.js';
import { createModelChain } from '../../../src/llm/router.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createCommands } from '../../../commands/index.js';
import { i18n, openShop } from '../../commands/open-shop.js';
import type { QuestionSet } from './question-sets.js';
import { silentLogger } from '../../fakes/silent-logger.js';

export interface Answered {
  /** The quoted text; empty for an honest refusal. */
  readonly text: string;
  /** Position of the first cited passage. */
  readonly passage: number | undefined;
}

/** A business whose knowledge is the passages of a question set, answering without an API key. */
export async function openAnsweringService({ passages, locale }: QuestionSet) {
  const shop = await openShop({ locale });
  const scope = await shop.scope();
  const { knowledge } = shop.services;
  for (const [position, text] of passages.entries()) {
    await knowledge.upsert(scope, { id: documentId(position), title: documentId(position), text, locale });
  }
  const model = createExtractiveModel({ select: selectQuote, lead: () => '' });
  const chain = createModelChain({
    models: [model],
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const { contact, conversation } = await shop.person('asker');

  /** `without`: position of a passage to leave out for this question. */
  async function ask(question: string, without?: number): Promise<Answered> {
    const at = systemClock.now();
    const event = {
      key: makeId('e'),
      accountId: conversation.accountId,
      channel: conversation.channel,
      conversationId: conversation.id,
      contactId: contact.id,
      event: directEvent({ event_id: makeId('e'), user_id: 'asker', text: question }, at),
      receivedAt: at,
      attempts: 0,
      status: 'pending',
    } as const;
    const input = {
      turnId: makeId('t'),
      scope,
      conversation,
      contact,
      capabilities: RESPONSE_CAPABILITIES,
      events: [event],
      emit: () => undefined,
      signal: AbortSignal.timeout(60_000),
    };
    const state = readInput(input, i18n, at, {
      tell: noEvents.emit,
      remember: () => Promise.resolve(undefined),
    });
    const answer = await answerFromKnowledge(state, new TurnReads(state, shop), {
      ...shop.services,
      summaries: { follow: () => undefined },
      events: noEvents,
      finder: shop.finder,
      reader: createMessageReader(),
      knowledge: without === undefined ? knowledge : withoutPassage(without),
      commands: createCommands(shop.services),
      promises: { keep: () => Promise.resolve({ notified: 0 }) },
      speakers: new PlainSpeakers(),
      i18n,
      clock: systemClock,
      logger: silentLogger,
      download: () => Promise.reject(new Error('no files here')),
      tools: { specs: [], execute: () => Promise.reject(new Error('no tools here')) },
      chainFor: () => chain,
    });
    return toAnswered(answer);
  }

  function withoutPassage(position: number): typeof knowledge {
    const documentIds = passages.flatMap((_, each) => (each === position ? [] : documentId(each)));
    const retriever = knowledge.retriever(scope);
    return Object.assign(Object.create(knowledge) as typeof knowledge, {
      retriever: () => ({
        search: (request: SearchRequest, signal: AbortSignal) =>
          retriever.search({ ...request, filter: { documentIds } }, signal),
      }),
    });
  }

  return { ask, close: () => shop.close() };
}

function documentId(position: number): string {
  return `p${position}`;
}

function toAnswered({ source, text, citations }: TurnAnswer): Answered {
  if (source !== 'knowledge') return { text: '', passage: undefined };
  const cited = citations[0]?.documentId;
  return {
    text: text.replace(/\s*\[\d+\]/g, '').trim(),
    passage: cited === undefined ? undefined : Number(cited.slice(1)),
  };
}
