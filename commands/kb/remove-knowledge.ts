import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import { allItems } from '../../src/contracts/stores.js';
import { findById } from '../shared/short-id.js';

const SEARCHED_DOCUMENTS = 2000;

export async function removeKnowledge(
  { t, scope, services }: CommandContext<{ readonly knowledge: KnowledgeService }>,
  id: string,
): Promise<CommandReply | undefined> {
  if (id === '') return undefined;
  const document =
    (await scope.documents.get(id)) ??
    findById(await allItems((page) => scope.documents.list(page), SEARCHED_DOCUMENTS), id);
  if (!document || !(await services.knowledge.remove(scope, document.id))) {
    return { text: t('command.kb.notFound', { id }) };
  }
  return { text: t('command.kb.removed', { title: document.title }) };
}
