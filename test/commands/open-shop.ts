import { noEvents } from '../fakes/no-events.js';
import type { Db } from 'mongodb';
import { join } from 'node:path';
import { createCommands, type CommandServices } from '../../commands/index.js';
import { createReports } from '../../src/automation/index.js';
import { createCommandServices } from '../../src/compose/command-services.js';
import type { CommandFile, CommandReply } from '../../src/contracts/command.js';
import type { Locale } from '../../src/contracts/message.js';
import { tenantSettingsSchema, type TenantSettingsInput } from '../../src/contracts/settings.js';
import type { Contact, Conversation, TenantScope } from '../../src/contracts/stores.js';
import { executeCommand } from '../../src/conversation/commands/execute-command.js';
import { createOutreach } from '../../src/delivery/index.js';
import type { BudgetWarning } from '../../src/contracts/usage.js';
import { RecordedUsage } from '../../src/llm/index.js';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { createChannelDesk } from '../../src/gateway/index.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { createFaqService } from '../../src/knowledge/faq/index.js';
import {
  createAnswerFinder,
  createFileParser,
  createKnowledgeService,
  createMessageReader,
  knowledgeJobs,
  Sources,
} from '../../src/knowledge/index.js';
import { createRetrieverPool } from '../../src/knowledge/search/index.js';
import { createPhrasings } from '../../src/learning/create-phrasings.js';
import { createUnansweredService } from '../../src/learning/create-unanswered-service.js';
import { createGuardedFetch } from '../../src/lib/net/guarded-fetch.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createContactDesk, createHandOver, SuggestionDesk } from '../../src/people/index.js';
import { createFollowUpPlanner, FollowUps } from '../../src/automation/index.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { openTestStore } from '../fakes/test-store.js';
import { silentLogger } from '../fakes/silent-logger.js';

export const i18n = createI18n({ folder: join(projectRoot, 'locales') });

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** A business on the real store with the real services; `write` runs commands in it. */
export async function openShop(change: Partial<TenantSettingsInput> = {}) {
  const store = await openTestStore();
  const { service } = store;
  const shared = { clock: systemClock, makeId, logger: silentLogger };
  const tenantId = 'shop';
  await service.putTenant(tenantId, tenantSettingsSchema.parse({ name: 'Toko Uji', ...change }));
  const retrievers = createRetrieverPool(shared);
  const queue = createJobQueue({
    database: databaseOf(store.connection.db),
    scope: (id) => service.scope(id),
    ...shared,
  });
  const parser = createFileParser();
  const finder = createAnswerFinder(shared);
  const knowledge = createKnowledgeService({ queue, retrievers, finder, parser, ...shared });
  const faq = createFaqService({ ...shared, finder });
  const outreach = createOutreach({
    lanes: service.lanes,
    findAccount: () => undefined,
    wake: () => undefined,
    clock: systemClock,
  });
  const outbound = createGuardedFetch({ allow: ['127.0.0.1'] });
  const sources = new Sources({ knowledge, outbound, outreach, i18n, queue, clock: systemClock });
  const unanswered = createUnansweredService({
    faq,
    finder,
    reader: createMessageReader(),
    outreach,
    queue,
    hasWriter: () => false,
    i18n,
    clock: systemClock,
  });
  const warnings: BudgetWarning[] = [];
  const usage = new RecordedUsage({
    ...shared,
    warn: (_scope, warning) => Promise.resolve(void warnings.push(warning)),
  });
  const suggestions = new SuggestionDesk({
    outreach,
    findAccount: () => undefined,
    events: noEvents,
    i18n,
    clock: systemClock,
  });
  const services = createCommandServices({
    suggestions,
    events: noEvents,
    service,
    knowledge,
    sources,
    faq,
    unanswered,
    phrasings: createPhrasings({ faq, clock: systemClock }),
    outreach,
    handOver: createHandOver({
      service,
      outreach,
      rewrite: () => Promise.resolve('cannot'),
      queue,
      findAccount: () => undefined,
      i18n,
      clock: systemClock,
    }),
    usage,
    desk: createChannelDesk({ service, channels: [], outreach, i18n, ...shared }),
    contacts: createContactDesk({ events: noEvents, clock: systemClock, suggestions }),
    planner: createFollowUpPlanner(
      new FollowUps({ outreach, queue, events: noEvents, clock: systemClock, makeId, i18n }),
      systemClock,
    ),
    reports: createReports({ service, usage, i18n, clock: systemClock }),
    actions: { decide: () => Promise.resolve({ type: 'unknown' }) },
    i18n,
    clock: systemClock,
  });
  await queue.start([...knowledgeJobs({ knowledge, outreach, i18n }), ...sources.jobs()]);

  async function scope(): Promise<TenantScope> {
    const current = await service.scope(tenantId);
    if (!current) throw new Error('the business is gone');
    return current;
  }

  /** A person who wrote once, and the resulting conversation. */
  async function person(name: string): Promise<{ contact: Contact; conversation: Conversation }> {
    const tenant = await scope();
    const at = systemClock.now();
    const identity = { channel: 'telegram', accountId: 'bot', userId: name, name, at };
    const contact = await tenant.contacts.ensure(identity);
    const conversation = await tenant.conversations.ensure({
      id: makeId('c'),
      accountId: 'bot',
      channel: 'telegram',
      contactId: contact.id,
      chat: { chatId: name, kind: 'direct' },
      title: name,
      at,
    });
    return { contact, conversation };
  }

  return {
    connection: store.connection,
    service,
    services,
    knowledge,
    faq,
    finder,
    shared,
    /** Budget warnings sent to staff. */
    warnings,
    scope,
    person,
    async close() {
      await queue.stop(5000);
      retrievers.close();
      await store.close();
    },
  };
}

export interface Written {
  readonly locale?: Locale;
  readonly now?: Date;
  /** Attached files by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly services?: Partial<CommandServices>;
  readonly eventKey?: string;
}

/** Runs `/name arguments` as a person, as the pipeline does once their permission was checked. */
export async function write(
  shop: Shop,
  from: { readonly contact: Contact; readonly conversation: Conversation },
  text: string,
  { locale = 'en', now = new Date(), files = {}, services = {}, eventKey = makeId('e') }: Written = {},
): Promise<CommandReply> {
  const scope = await shop.scope();
  const [, name = '', argumentText = ''] = /^\/(\w+)\s*([\s\S]*)$/.exec(text) ?? [];
  const commands = createCommands({ ...shop.services, ...services });
  const command = commands.find((each) => each.name === name);
  const contact = await scope.contacts.get(from.contact.id);
  const conversation = await scope.conversations.get(from.conversation.id);
  if (!command || !contact || !conversation) throw new Error(`cannot write ${text}`);
  const attached = Object.entries(files).map(([fileName, content]): CommandFile => ({
    type: 'file',
    kind: 'document',
    reference: fileName,
    fileName,
    download: () => Promise.resolve(new Uint8Array(Buffer.from(content))),
  }));
  return executeCommand(
    command,
    { argumentText, files: attached },
    {
      scope,
      contact,
      conversation,
      isStaff: contact.isStaff,
      locale,
      t: i18n.translator(locale),
      now,
      turnId: makeId('t'),
      earlierFiles: () => Promise.resolve([]),
      eventKey,
      signal: AbortSignal.timeout(20_000),
      commands,
      services: undefined,
    },
  );
}

function databaseOf(database: unknown): Db {
  if (database === undefined) throw new Error('not connected');
  return database as Db;
}
