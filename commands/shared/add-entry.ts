import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { FaqService } from '../../src/contracts/knowledge.js';
import type { Locale } from '../../src/contracts/message.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { shortId } from '../../src/lib/ids/short-id.js';

export interface NeedsFaq {
  readonly faq: FaqService;
  /** The language a text is clearly written in. */
  readonly languageOf: (text: string) => Locale | undefined;
}

/** Adds an FAQ entry in the language of its question, because staff may chat in the other one. */
export async function addEntry(
  { t, scope, services, locale }: CommandContext<NeedsFaq>,
  { question, answer }: { readonly question: string; readonly answer: string },
): Promise<CommandReply> {
  const entry = await services.faq.add(scope, {
    question,
    answer,
    locale: services.languageOf(question) ?? locale,
  });
  const id = shortId(entry.id);
  return {
    text: t('command.teach.done', { question: quote(entry.question), id }),
    buttons: [[{ label: t('button.undo'), action: `/faq remove ${id}` }]],
  };
}
