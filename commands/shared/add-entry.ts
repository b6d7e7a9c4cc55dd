import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { FaqService } from '../../src/contracts/knowledge.js';
import type { Locale } from '../../src/contracts/message.js';
import { shortId } from './short-id.js';

export interface NeedsFaq {
  readonly faq: FaqService;
  /** The language a text is clearly in. */
  readonly languageOf: (text: string) => Locale | undefined;
}

/** Makes a frequent question in the language it is asked in: staff may chat in the other one. */
export async function addEntry(
  { t, scope, services, locale }: CommandContext<NeedsFaq>,
  pair: { readonly left: string; readonly right: string },
): Promise<CommandReply> {
  const { id, question } = await services.faq.add(scope, {
    question: pair.left,
    answer: pair.right,
    locale: services.languageOf(pair.left) ?? locale,
  });
  return { text: t('command.teach.done', { question, id: shortId(id) }) };
}
