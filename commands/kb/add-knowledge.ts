import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import { explainingProblems } from '../shared/knowledge-problem.js';
import { shortId } from '../shared/short-id.js';
import { splitPair } from '../shared/split-text.js';

interface Needs {
  readonly knowledge: KnowledgeService;
}

/** A text as `title | text`, which is searchable at once, or attached files, which are queued. */
export async function addKnowledge(
  context: CommandContext<Needs>,
  rest: string,
): Promise<CommandReply | undefined> {
  return explainingProblems(context, () =>
    context.files.length === 0 ? addText(context, rest) : addFiles(context, rest),
  );
}

async function addText(context: CommandContext<Needs>, rest: string): Promise<CommandReply | undefined> {
  const { t, scope, services, locale } = context;
  const pair = splitPair(rest);
  if (!pair) return undefined;
  const { document } = await services.knowledge.upsert(scope, {
    title: pair.left,
    text: pair.right,
    locale,
  });
  return { text: t('command.kb.added', { title: document.title, id: shortId(document.id) }) };
}

async function addFiles(context: CommandContext<Needs>, title: string): Promise<CommandReply> {
  const { t, scope, services, files } = context;
  const lines: string[] = [];
  for (const [index, file] of files.entries()) {
    const bytes = await context.download(file);
    const { document } = await services.knowledge.upload(scope, {
      fileName: file.fileName ?? t('command.kb.unnamedFile', { number: index + 1 }),
      bytes,
      ...(title !== '' && files.length === 1 ? { title } : {}),
    });
    lines.push(t('command.kb.queued', { title: document.title, id: shortId(document.id) }));
  }
  return { text: lines.join('\n') };
}
