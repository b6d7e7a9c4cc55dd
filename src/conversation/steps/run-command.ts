import type { CommandContext, CommandFile, CommandReply } from '../../contracts/command.js';
import type { FilePart } from '../../contracts/message.js';
import type { TurnOutput } from '../../contracts/run-turn.js';
import type { InboxEvent, TurnAnswer } from '../../contracts/turn.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { plainAnswer } from '../answers.js';
import { executeCommand, runButton, type GivenCommand } from '../commands/execute-command.js';
import { nearest } from '../commands/nearest.js';
import type { ConversationDependencies } from '../dependencies.js';
import { filesOf } from './read-input.js';
import { runTool } from './run-tool.js';
import type { TurnState } from '../turn-state.js';

/** A command as typed, as requested by the platform, or as carried by a button. */
export interface CommandCall extends Omit<GivenCommand, 'files'> {
  readonly name: string;
  readonly files: readonly FilePart[];
  /** The event that contained the command; it holds the command's files. */
  readonly event: InboxEvent;
}

/** Longest command name echoed back to the person. */
const SHOWN_NAME = 40;
/** How many turns back to look for recently sent files. */
const LOOK_BACK = 10;

/** Runs the command of this turn, or tells the person what is wrong with it. */
export async function runCommand(
  call: CommandCall,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<Pick<TurnOutput, 'answer' | 'files'>> {
  const command = deps.commands.find((item) => item.name === call.name);
  if (command === undefined) {
    return { answer: (await runTool(call, state, deps)) ?? unknownCommand(call, state, deps) };
  }
  const isAtDesk = command.atDesk === true && state.conversation.attends !== undefined;
  if (command.audience === 'staff' && !state.isStaff && !isAtDesk) {
    return { answer: plainAnswer(state, 'command', state.t('fallback.onlyStaff')) };
  }
  const files = downloadable(call.files, call.event, state, deps);
  const reply = await executeCommand(command, { ...call, files }, contextOf(call, state, deps));
  if (command.audience === 'staff') {
    const actor = { type: 'staff', id: state.contact.id } as const;
    const action = `command.${command.name}`;
    await deps.audit?.note(state.scope, { actor, action, target: state.conversation.id });
  }
  const answered = reply.locale === undefined ? state : { ...state, locale: reply.locale };
  const answer = {
    ...answerOf(answered, reply),
    ...(reply.asks === undefined ? {} : { asks: reply.asks }),
  };
  return reply.files === undefined ? { answer } : { answer, files: reply.files };
}

function downloadable(
  files: readonly FilePart[],
  event: InboxEvent,
  { scope, signal }: TurnState,
  deps: ConversationDependencies,
): readonly CommandFile[] {
  return files.map((file) => ({ ...file, download: () => deps.download(scope, event, file, signal) }));
}

/** The files of one earlier turn, or of the latest turn that had any. */
async function earlierFiles(
  turnId: string | undefined,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<readonly CommandFile[]> {
  const { scope, conversation } = state;
  const turns =
    turnId === undefined
      ? (await scope.turns.recent(conversation.id, LOOK_BACK)).toReversed()
      : [await scope.turns.get(turnId)];
  for (const turn of turns) {
    // The id comes back from the platform, so check that it belongs to this conversation.
    if (turn?.conversationId !== conversation.id) continue;
    const events = await Promise.all(turn.eventIds.map((key) => scope.inbox.get(key)));
    const files = events.flatMap((event) =>
      event === undefined ? [] : downloadable(filesOf(event), event, state, deps),
    );
    if (files.length > 0) return files;
  }
  return [];
}

function contextOf(call: CommandCall, state: TurnState, deps: ConversationDependencies): CommandContext {
  const { scope, contact, conversation, isStaff, locale, t, now, signal } = state;
  return {
    scope,
    contact,
    conversation,
    isStaff,
    locale,
    t,
    now,
    signal,
    turnId: state.turnId,
    earlierFiles: (turnId) => earlierFiles(turnId, state, deps),
    eventKey: call.event.key,
    commands: deps.commands,
    // Each command is already bound to its services.
    services: undefined,
  };
}

function unknownCommand(call: CommandCall, state: TurnState, deps: ConversationDependencies): TurnAnswer {
  const { t, isStaff } = state;
  const available = deps.commands.filter(
    ({ audience, unlisted }) => unlisted !== true && (isStaff || audience === 'everyone'),
  );
  const name = call.name.slice(0, SHOWN_NAME);
  const suggestion = nearest(
    name,
    available.map((command) => command.name),
  );
  if (suggestion === undefined) return plainAnswer(state, 'command', t('fallback.unknownCommand', { name }));
  return answerOf(state, {
    text: t('fallback.unknownCommandNearest', { name, meant: suggestion }),
    buttons: runButton(`/${suggestion} ${call.argumentText}`.trim(), `/${suggestion}`),
  });
}

function answerOf(state: TurnState, reply: CommandReply): TurnAnswer {
  const { buttons, delivery } = state.capabilities;
  if (buttons || delivery === 'push') return plainAnswer(state, 'command', reply.text, reply.buttons);
  return plainAnswer(state, 'command', withChoices(reply));
}

/** Lists the buttons' actions as text on platforms without buttons; labels are plain text, not Markdown. */
function withChoices({ text, buttons = [] }: CommandReply): string {
  const choices = buttons
    .flat()
    .map(({ label, action }) =>
      label === action ? `- \`${action}\`` : `- ${escapeMarkdown(label)}: \`${action}\``,
    );
  return choices.length === 0 ? text : `${text}\n\n${choices.join('\n')}`;
}
