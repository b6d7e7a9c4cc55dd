import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { Conversation } from '../src/contracts/stores.js';
import type { Turn } from '../src/contracts/turn.js';
import { quote } from '../src/lib/excerpt.js';
import { shortId } from '../src/lib/short-id.js';

const SHOWN_TURNS = 6;
const SHOWN_CHARACTERS = 300;

/** Who it is and what was said last: what one reads before taking over. */
export const conversation = defineCommand({
  name: 'conversation',
  audience: 'staff',
  description: 'command.conversation.description',
  options: {
    conversation: { type: 'conversation', required: true, description: 'command.option.conversation' },
  },
  async run(context, { conversation: shown }) {
    const { t, scope } = context;
    const { id, title, channel, mode } = shown;
    const turns = await scope.turns.recent(id, SHOWN_TURNS);
    const said = turns.flatMap((turn) => linesOf(turn, shown, context));
    const heading = t('command.conversation.heading', {
      title: quote(title),
      channel,
      id: shortId(id),
      mode,
    });
    const talk = said.length === 0 ? t('command.conversation.empty') : said.join('\n');
    return { text: `${heading}\n\n${talk}`, buttons: [modeButtons(context, shown)] };
  },
});

function modeButtons({ t }: CommandContext, { id, mode }: Conversation): { label: string; action: string }[] {
  const takeOver = { label: t('button.takeOver'), action: `/takeover ${shortId(id)}` };
  const release = { label: t('button.release'), action: `/release ${shortId(id)}` };
  return mode === 'bot' ? [takeOver] : [release];
}

function linesOf(turn: Turn, { title }: Conversation, { t, scope, locale }: CommandContext): string[] {
  const time = new Intl.DateTimeFormat(locale, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: scope.settings.timezone,
  }).format(turn.createdAt);
  const lines: string[] = [];
  if (turn.input !== '')
    lines.push(`- ${time} **${quote(title, 60)}**: ${quote(turn.input, SHOWN_CHARACTERS)}`);
  if (turn.answer.text !== '') {
    const who = turn.answer.source === 'human' ? t('command.conversation.team') : t('web.assistant');
    lines.push(`- ${time} **${who}**: ${quote(turn.answer.text, SHOWN_CHARACTERS)}`);
  }
  return lines;
}
