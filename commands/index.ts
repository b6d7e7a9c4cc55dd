import { withServices, type Command, type ServicesOf } from '../src/contracts/command.js';
import { agent } from './agent.js';
import { bot } from './bot.js';
import { budget } from './budget.js';
import { cancel } from './cancel.js';
import { channel } from './channel.js';
import { claim } from './claim.js';
import { confirm } from './confirm.js';
import { contact } from './contact.js';
import { conversation } from './conversation.js';
import { faq } from './faq.js';
import { feedback } from './feedback.js';
import { followup } from './followup.js';
import { forget } from './forget.js';
import { help } from './help.js';
import { hours } from './hours.js';
import { human } from './human.js';
import { invite } from './invite.js';
import { kb } from './kb.js';
import { language } from './language.js';
import { later } from './later.js';
import { note } from './note.js';
import { pause } from './pause.js';
import { persona } from './persona.js';
import { privacy } from './privacy.js';
import { release } from './release.js';
import { reply } from './reply.js';
import { report } from './report.js';
import { resume } from './resume.js';
import { sop } from './sop.js';
import { start } from './start.js';
import { status } from './status.js';
import { suggestions } from './suggestions.js';
import { tag } from './tag.js';
import { takeover } from './takeover.js';
import { teach } from './teach.js';
import { unanswered } from './unanswered.js';
import { usage } from './usage.js';

/** All chat commands, in the order of menus and /help. */
export const commands = [
  help,
  start,
  language,
  human,
  bot,
  feedback,
  agent,
  forget,
  privacy,
  claim,
  confirm,
  cancel,
  status,
  conversation,
  takeover,
  reply,
  later,
  release,
  pause,
  resume,
  contact,
  tag,
  note,
  followup,
  suggestions,
  teach,
  unanswered,
  faq,
  kb,
  persona,
  sop,
  hours,
  usage,
  budget,
  channel,
  invite,
  report,
] as const;

export type CommandServices = ServicesOf<typeof commands>;

/** Binds each command to the services it uses. */
export function createCommands(services: CommandServices): readonly Command[] {
  // Safe: `CommandServices` contains what every command uses, which the type of a mixed list cannot express.
  return commands.map((command) => withServices<never>(command, services as never));
}
