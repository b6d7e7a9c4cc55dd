import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import { allItems } from '../../src/contracts/stores.js';
import { shortId } from '../shared/short-id.js';

const COUNTED_DOCUMENTS = 2000;
const SHOWN_DOCUMENTS = 30;

export async function listKnowledge({ t, scope }: CommandContext): Promise<CommandReply> {
  const documents = await allItems((page) => scope.documents.list(page), COUNTED_DOCUMENTS);
  if (documents.length === 0) return { text: t('command.kb.none') };
  const lines = documents.slice(0, SHOWN_DOCUMENTS).map(({ id, title, kind, status, chunks, error }) => {
    const state = t('command.kb.state', { status, chunks });
    return `- ${title} · ${kind} · ${state}${error ? ` (${error.code})` : ''} · \`${shortId(id)}\``;
  });
  const heading = t('command.kb.heading', { count: documents.length });
  return { text: `${heading}\n\n${lines.join('\n')}` };
}
