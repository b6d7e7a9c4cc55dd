import { noEvents } from '../../fakes/no-events.js';
import { createCommands } from '../../../commands/index.js';
import type { ChannelCapabilities, InboundEvent } from '../../../src/contracts/channel.js';
import type { FilePart } from '../../../src/contracts/message.js';
import type { LanguageModel } from '../../../src/contracts/model.js';
import type { TenantSettingsInput } from '../../../src/contracts/settings.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import type { Tool } from '../../../src/contracts/tool.js';
import type { InboxEvent, Turn, TurnEvent } from '../../../src/contracts/turn.js';
import type { PromiseKeeper } from '../../../src/contracts/promises.js';
import type { Transcriber } from '../../../src/contracts/transcription.js';
import { createRunTurn } from '../../../src/conversation/index.js';
import { createMessageReader } from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { directEvent, RESPONSE_CAPABILITIES } from '../../../src/lib/channels/response-channel.js';
import { createModelChain } from '../../../src/llm/router.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createToolRegistry, executeToolCall } from '../../../src/tools/index.js';
import { i18n, openShop } from '../../commands/open-shop.js';
import { silentLogger } from '../../fakes/silent-logger.js';

/** Capabilities of a channel that gets finished messages instead of showing an answer while it is written. */
export const PUSH: ChannelCapabilities = {
  ...RESPONSE_CAPABILITIES,
  textLimit: 4096,
  buttons: true,
  delivery: 'push',
};

export interface Said {
  readonly turn: Turn;
  readonly heard: readonly TurnEvent[];
  readonly notice: string | undefined;
}

export interface Saying {
  readonly models?: readonly LanguageModel[];
  /** The cheap models of a business whose settings name "helper". */
  readonly helpers?: readonly LanguageModel[];
  readonly capabilities?: ChannelCapabilities;
  readonly languageTag?: string;
  readonly person?: string;
  /** Name of the group it is said in; absent: a private chat. */
  readonly group?: string;
  /** Contents of attached documents by name. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly tools?: readonly Tool[];
  /** Handles a promise; absent: nobody can be notified of one. */
  readonly keep?: PromiseKeeper['keep'];
  readonly transcriber?: Transcriber;
}

/** A chain in which each token costs one micro-unit. */
function chainOf(models: readonly LanguageModel[]): ReturnType<typeof createModelChain> {
  return createModelChain({
    models,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMetrics(),
    priceOf: (_provider, _model, usage) => usage.inputTokens + usage.outputTokens,
    options: { retryDelayMs: 1 },
  });
}

/** A business with its real rooms, and people who write to its pipeline. */
export async function openConversation(settings: Partial<TenantSettingsInput> = {}) {
  const shop = await openShop(settings);
  const fileContents = new Map<string, string | Buffer>();
  const people = new Map<string, Awaited<ReturnType<typeof shop.person>>>();

  async function take(event: (eventId: string) => readonly InboundEvent[], how: Saying): Promise<Said> {
    const scope = await shop.scope();
    const name = how.person ?? 'siti';
    const person = people.get(name) ?? (await shop.person(name));
    people.set(name, person);
    const place = how.group === undefined ? person.conversation : await groupOf(scope, how.group, person);
    const conversation = (await scope.conversations.get(place.id)) ?? place;
    const contact = (await scope.contacts.get(person.contact.id)) ?? person.contact;
    const turnEvents: TurnEvent[] = [];
    const turnId = makeId('t');
    const events = event(makeId('e')).map((item): InboxEvent => ({
      key: `bot:${item.eventId}`,
      accountId: conversation.accountId,
      channel: conversation.channel,
      conversationId: conversation.id,
      contactId: contact.id,
      event: item,
      receivedAt: new Date(),
      attempts: 0,
      status: 'pending',
    }));
    for (const item of events) await scope.inbox.accept(item);
    for (const [fileName, content] of Object.entries(how.files ?? {})) fileContents.set(fileName, content);
    const registry = createToolRegistry(how.tools ?? []);
    const { models = [] } = how;
    const runTurn = createRunTurn({
      ...shop.services,
      ...(how.transcriber === undefined ? {} : { transcriber: how.transcriber }),
      events: noEvents,
      finder: shop.finder,
      reader: createMessageReader(),
      commands: createCommands(shop.services),
      promises: { keep: how.keep ?? (() => Promise.resolve({ notified: 0 })) },
      i18n,
      clock: systemClock,
      logger: silentLogger,
      download: (_scope, _event, file) => {
        const content = fileContents.get(file.reference);
        if (content === undefined) return Promise.reject(new Error('no such file here'));
        return Promise.resolve(Buffer.from(content));
      },
      tools: {
        specs: registry.specs,
        execute: async (call, context) =>
          (await executeToolCall(call, { registry, context, logger: silentLogger, isConfirmed: false }))
            .result,
      },
      chainFor: ({ chain: [first] }) => chainOf(first === 'helper' ? (how.helpers ?? []) : models),
    });
    const output = await runTurn({
      turnId,
      scope,
      conversation,
      contact,
      capabilities: how.capabilities ?? RESPONSE_CAPABILITIES,
      events,
      emit: (item) => void turnEvents.push(item),
      signal: AbortSignal.timeout(20_000),
    });
    const turn: Turn = {
      id: turnId,
      conversationId: conversation.id,
      contactId: contact.id,
      accountId: conversation.accountId,
      channel: conversation.channel,
      chat: conversation.chat,
      origin: { type: 'events' },
      eventIds: events.map(({ key }) => key),
      input: output.input,
      answer: output.answer,
      deliveries: output.answer.bubbles.map(() => ({ state: 'pending' })),
      status: 'waiting',
      createdAt: new Date(),
      tookMs: 1,
    };
    await scope.turns.commit(turn);
    return { turn, heard: turnEvents, notice: output.notice };
  }

  function groupOf(scope: TenantScope, name: string, who: Awaited<ReturnType<typeof shop.person>>) {
    const { contact, conversation } = who;
    return scope.conversations.ensure({
      ...conversation,
      id: `group-${name}`,
      contactId: contact.id,
      chat: { chatId: name, kind: 'group' },
      title: name,
      at: new Date(),
    });
  }

  return {
    ...shop,
    /** Writes one message, or several as a burst. */
    say: (texts: string | readonly string[], how: Saying = {}) =>
      take(
        (id) =>
          [texts].flat().map((text, index) =>
            directEvent(
              {
                event_id: `${id}${index}`,
                user_id: how.person ?? 'siti',
                text,
                ...(how.languageTag === undefined ? {} : { language_tag: how.languageTag }),
              },
              new Date(),
            ),
          ),
        how,
      ),
    /** Sends message parts other than text, or a reply to another message. */
    sendParts: (
      content: Pick<Extract<InboundEvent, { type: 'message' }>, 'parts' | 'quoted'>,
      how: Saying = {},
    ) =>
      take((eventId) => {
        const person = how.person ?? 'siti';
        const message = directEvent({ event_id: eventId, user_id: person, text: 'x' }, new Date());
        if (message.type !== 'message') throw new Error('not a message');
        return [{ ...message, ...content }];
      }, how),
    /** Sends documents, with or without a caption. */
    sendFiles: (files: Readonly<Record<string, string>>, how: Saying & { readonly caption?: string } = {}) =>
      take(
        (eventId) => {
          const person = how.person ?? 'siti';
          const message = directEvent(
            { event_id: eventId, user_id: person, text: how.caption ?? '' },
            new Date(),
          );
          if (message.type !== 'message') throw new Error('a caption that is a command');
          const documents = Object.keys(files).map((fileName): FilePart => ({
            type: 'file',
            kind: 'document',
            reference: fileName,
            fileName,
          }));
          return [{ ...message, parts: [...message.parts, ...documents] }];
        },
        { ...how, files },
      ),
    /** A command whose options were supplied by name by the platform. */
    command: (
      call: Pick<Extract<InboundEvent, { type: 'command' }>, 'name' | 'subcommand' | 'options'>,
      how: Saying = {},
    ) =>
      take((eventId) => {
        const message = directEvent(
          { event_id: eventId, user_id: how.person ?? 'siti', text: '/x' },
          new Date(),
        );
        if (message.type !== 'command') throw new Error('not a command');
        return [{ ...message, ...call, argumentText: '' }];
      }, how),
    press: (action: string, how: Saying = {}) =>
      take((eventId) => {
        const message = directEvent({ event_id: eventId, user_id: 'siti', text: '.' }, new Date());
        const { sequence, sentAt, chat, sender } = message;
        return [{ type: 'action', eventId, sequence, sentAt, chat, sender, action }];
      }, how),
  };
}

/** The text a listener has on the screen at the end. */
export function shownText(events: readonly TurnEvent[]): string {
  return events.reduce((shownSoFar, event) => {
    if (event.type === 'delta') return shownSoFar + event.text;
    return event.type === 'status' && event.state === 'restart' ? '' : shownSoFar;
  }, '');
}
