import type { Command, CommandReply } from '../../contracts/command.js';
import type { FilePart } from '../../contracts/message.js';
import type { InboxEvent, TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';

/** A command as typed, or as a button carries it. */
export interface CommandCall {
  readonly name: string;
  readonly argumentText: string;
  readonly files: readonly FilePart[];
  readonly event: InboxEvent;
}

/** Runs the command that the turn consists of, or tells the person what is wrong with it. */
export async function runCommand(
  call: CommandCall,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const command = deps.commands.find((item) => item.name === call.name);
  if (command === undefined) {
    return plainAnswer(
      state,
      'command',
      state.t('fallback.unknownCommand', { name: call.name.slice(0, 40) }),
    );
  }
  if (command.audience === 'staff' && !state.isStaff) {
    return plainAnswer(state, 'command', state.t('fallback.onlyStaff'));
  }
  return execute(command, call, state, deps);
}

async function execute(
  command: Command,
  call: CommandCall,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const { scope, contact, conversation, isStaff, locale, t, now, signal } = state;
  const reply = await command.run({
    scope,
    contact,
    conversation,
    isStaff,
    locale,
    t,
    argumentText: call.argumentText.trim(),
    files: call.files,
    now,
    eventKey: call.event.key,
    signal,
    commands: deps.commands,
    download: (file) => deps.download(scope, call.event, file, signal),
    // Each command was given its own.
    services: undefined,
  });
  const answered = reply.locale === undefined ? state : { ...state, locale: reply.locale };
  if (state.capabilities.buttons) return plainAnswer(answered, 'command', reply.text, reply.buttons);
  return plainAnswer(answered, 'command', withChoices(reply));
}

/** Where there are no buttons, what they would do is written out. */
function withChoices({ text, buttons = [] }: CommandReply): string {
  const choices = buttons.flat().map(({ label, action }) => `- ${label}: \`${action}\``);
  return choices.length === 0 ? text : `${text}\n\n${choices.join('\n')}`;
}
