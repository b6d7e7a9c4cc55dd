import {
  defineSubcommand,
  type CommandContext,
  type CommandFile,
  type CommandReply,
} from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { shortId } from '../../src/lib/ids/short-id.js';
import { webAddress } from '../../src/lib/net/web-address.js';
import { explainingProblems } from '../shared/knowledge-problem.js';
import { addSource, sourceOptions, type NeedsSources } from './web-sources.js';

interface Needs extends NeedsSources {
  readonly knowledge: KnowledgeService;
}

/** Adds a text, which is searchable at once, a web address, or attached files, which are queued. */
export const addKnowledge = defineSubcommand({
  description: 'command.kb.add',
  options: {
    title: { type: 'text', until: '|', maxLength: 200, description: 'command.kb.title' },
    text: { type: 'text', multiline: true, description: 'command.kb.text' },
    files: { type: 'file', many: true, description: 'command.kb.files' },
    ...sourceOptions,
    from: { type: 'text', unlisted: true, description: 'command.kb.from' },
  },
  run: (context: CommandContext<Needs>, { title, text, files, from, depth, every }) =>
    explainingProblems(context, async () => {
      const address = text === undefined ? webAddress(title ?? '') : undefined;
      if (address !== undefined) return addSource(context, address, { depth, every });
      if (title !== undefined && text !== undefined) return addText(context, title, text);
      const attachments = files.length > 0 ? files : await earlierFiles(context, title, from);
      if (attachments.length > 0) return addFiles(context, title, attachments);
      return from === undefined ? undefined : { text: context.t('command.kb.noFiles') };
    }),
});

/** Files of the message a button belongs to, or of the last one with files if nothing at all was written. */
async function earlierFiles(
  { earlierFiles: find }: CommandContext,
  title: string | undefined,
  from: string | undefined,
): Promise<readonly CommandFile[]> {
  return from === undefined && title !== undefined ? [] : find(from);
}

async function addText(context: CommandContext<Needs>, title: string, text: string): Promise<CommandReply> {
  const { t, scope, services, locale } = context;
  const { document } = await services.knowledge.upsert(scope, { title, text, locale });
  const id = shortId(document.id);
  return {
    text: t('command.kb.added', { title: quote(document.title), id }),
    buttons: [[{ label: t('button.undo'), action: `/kb remove ${id}` }]],
  };
}

async function addFiles(
  context: CommandContext<Needs>,
  title: string | undefined,
  files: readonly CommandFile[],
): Promise<CommandReply> {
  const { t, scope, services, conversation } = context;
  const lines: string[] = [];
  const buttons: NonNullable<CommandReply['buttons']>[number][] = [];
  for (const [index, file] of files.entries()) {
    const upload = {
      fileName: file.fileName ?? t('command.kb.unnamedFile', { number: index + 1 }),
      bytes: await file.download(),
      ...(title !== undefined && files.length === 1 ? { title } : {}),
    };
    const { document } = await services.knowledge.upload(scope, upload, { conversationId: conversation.id });
    const id = shortId(document.id);
    lines.push(t('command.kb.queued', { title: quote(document.title), id }));
    buttons.push([{ label: t('button.undoOf', { name: document.title }), action: `/kb undo ${id}` }]);
  }
  return { text: lines.join('\n'), buttons };
}
