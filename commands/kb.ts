import type { Suggestion } from '../src/contracts/channel.js';
import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import type { KnowledgeService } from '../src/contracts/knowledge.js';
import type { Locale } from '../src/contracts/message.js';
import { allItems, type StoredDocument, type TenantScope } from '../src/contracts/stores.js';
import { quote } from '../src/lib/text/excerpt.js';
import { findById, shortId } from '../src/lib/ids/short-id.js';
import { addKnowledge } from './kb/add-knowledge.js';
import { previewFiles } from './kb/preview-files.js';
import { searchKnowledge, testKnowledge } from './kb/search-knowledge.js';
import { listSources, removeSource, type NeedsSources } from './kb/web-sources.js';
import { suggestions } from './shared/suggestions.js';

/** How many documents are counted and searched for a short id; a full id always works. */
const SEARCHED_DOCUMENTS = 2000;
const SHOWN_DOCUMENTS = 30;

const remove = defineSubcommand({
  description: 'command.kb.remove',
  options: { document: { type: 'text', required: true, description: 'command.kb.document' } },
  suggest: { document: suggestDocuments },
  async run(
    context: CommandContext<NeedsSources & { readonly knowledge: KnowledgeService }>,
    { document: id },
  ) {
    const { t, scope, services } = context;
    const document = await findDocument(scope, id);
    if (!document || !(await services.knowledge.remove(scope, document.id))) {
      const url = await removeSource(context, id);
      if (url !== undefined) return { text: t('knowledge.source.removed', { url: quote(url) }) };
      return { text: t('command.kb.notFound', { id: quote(id) }) };
    }
    return { text: t('command.kb.removed', { title: quote(document.title) }) };
  },
});

const undo = defineSubcommand({
  unlisted: true,
  description: 'knowledge.document.undo',
  options: { document: { type: 'text', required: true, description: 'command.kb.document' } },
  async run(
    { t, scope, services, locale }: CommandContext<{ readonly knowledge: KnowledgeService }>,
    { document: id },
  ) {
    const match = await findDocument(scope, id);
    const undone = match && (await services.knowledge.undo(scope, match.id));
    if (undone === undefined) return { text: t('command.kb.notFound', { id: quote(id) }) };
    const { document, back } = undone;
    return {
      text: t('knowledge.document.takenBack', {
        title: quote(document.title),
        back: back === undefined ? 'no' : dayOf(back.createdAt, locale, scope),
      }),
    };
  },
});

export const kb = defineCommand({
  name: 'kb',
  audience: 'staff',
  description: 'command.kb.description',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'command.kb.list', options: {}, run: list }),
    add: addKnowledge,
    search: searchKnowledge,
    test: testKnowledge,
    sources: listSources,
    remove,
    undo,
    preview: previewFiles,
    ignore: defineSubcommand({
      unlisted: true,
      description: 'command.kb.ignore',
      options: {},
      run: ({ t }) => Promise.resolve({ text: t('command.kb.ignored') }),
    }),
  },
  run: list,
});

function dayOf(time: Date, locale: Locale, { settings }: TenantScope): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: settings.timezone }).format(time);
}

async function findDocument({ documents }: TenantScope, id: string): Promise<StoredDocument | undefined> {
  const all = (): Promise<readonly StoredDocument[]> =>
    allItems((page) => documents.list(page), SEARCHED_DOCUMENTS);
  return (await documents.get(id)) ?? findById(await all(), id);
}

async function list({ t, scope, locale }: CommandContext): Promise<CommandReply> {
  const documents = await allItems((page) => scope.documents.list(page), SEARCHED_DOCUMENTS);
  if (documents.length === 0) return { text: t('command.kb.none') };
  const lines = documents
    .slice(0, SHOWN_DOCUMENTS)
    .map(({ id, title, kind, status, chunks, error, updatedAt }) => {
      const state = t('command.kb.state', { status, chunks });
      const day = dayOf(updatedAt, locale, scope);
      return `- ${quote(title)} · ${kind} · ${day} · ${state}${error ? ` (${error.code})` : ''} · \`${shortId(id)}\``;
    });
  const heading = t('command.kb.heading', { count: documents.length });
  return { text: `${heading}\n\n${lines.join('\n')}` };
}

async function suggestDocuments({ scope, typed }: SuggestionContext): Promise<readonly Suggestion[]> {
  const documents = await allItems((page) => scope.documents.list(page), SEARCHED_DOCUMENTS);
  return suggestions(documents, typed, ({ title }) => title);
}
