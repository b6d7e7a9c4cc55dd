import { defineCommand, type CommandContext, type CommandReply } from '../src/contracts/command.js';
import type { ContactSuggestion, ContactSuggestions } from '../src/contracts/contact-suggestions.js';
import { quote } from '../src/lib/text/excerpt.js';
import { personName } from './shared/contact-line.js';

const MAX_LISTED = 5;
const SHOWN_VALUE = 80;

type Context = CommandContext<{ readonly suggestions: ContactSuggestions }>;

/**
 * Facts people stated about themselves and contacts that may be the same person; stored or merged only when
 * staff accept them.
 */
export const suggestions = defineCommand({
  name: 'suggestions',
  audience: 'staff',
  description: 'command.suggestions.description',
  options: {
    suggestion: {
      type: 'text',
      takes: (line) => /^\S+/.exec(line)?.[0].length ?? 0,
      maxLength: 128,
      description: 'command.suggestions.which',
    },
    accept: { type: 'boolean', description: 'command.suggestions.accept' },
  },
  async run(context: Context, { suggestion, accept }) {
    if (suggestion === undefined) return list(context);
    if (accept === undefined) return undefined;
    const { t, scope, services } = context;
    const outcome = await services.suggestions.decide(scope, suggestion, accept);
    switch (outcome.type) {
      case 'kept':
        return {
          text: t('command.suggestions.kept', {
            name: personName(outcome.contact),
            field: outcome.field,
            value: quote(outcome.contact[outcome.field] ?? '', SHOWN_VALUE),
          }),
        };
      case 'merged':
        return { text: t('command.suggestions.merged', { name: personName(outcome.contact) }) };
      case 'declined':
        return { text: t('command.suggestions.declined') };
      case 'gone':
        return { text: t('command.suggestions.gone') };
      default:
        return outcome satisfies never;
    }
  },
});

async function list(context: Context): Promise<CommandReply> {
  const { t, scope, services } = context;
  const { items } = await services.suggestions.open(scope, undefined, { limit: MAX_LISTED });
  if (items.length === 0) return { text: t('command.suggestions.none') };
  const lines = items.map((item, index) => `${index + 1}. ${sentence(item, t)}`);
  const buttons = items.map(({ id, type }, index) => [
    {
      label: `${index + 1}. ${t(type === 'fact' ? 'button.keep' : 'button.merge')}`,
      action: `/suggestions ${id} yes`,
    },
    { label: `${index + 1}. ${t('button.no')}`, action: `/suggestions ${id} no` },
  ]);
  return { text: lines.join('\n'), buttons };
}

function sentence(item: ContactSuggestion, t: Context['t']): string {
  const name = personName(item.contact);
  return item.type === 'fact'
    ? t('suggestion.fact', { name, field: item.field, value: quote(item.value, SHOWN_VALUE) })
    : t('suggestion.merge', { name, other: personName(item.other), field: item.field });
}
