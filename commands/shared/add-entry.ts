import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import { shortId } from './short-id.js';

/** Makes a frequent question in the language it is asked in: staff may chat in the other one. */
export async function addEntry(
  { t, scope, services, locale }: CommandContext,
  pair: { readonly left: string; readonly right: string },
): Promise<CommandReply> {
  const { id, question } = await services.faq.add(scope, {
    question: pair.left,
    answer: pair.right,
    locale: services.languageOf(pair.left) ?? locale,
  });
  return { text: t('command.teach.done', { question, id: shortId(id) }) };
}
