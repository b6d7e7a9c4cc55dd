import type { Command, CommandContext, CommandReply, UpdateSettings } from '../../src/contracts/command.js';
import type { MessageKey } from '../../src/contracts/i18n.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { commandWithActions } from './command-actions.js';

interface Needs {
  readonly updateSettings: UpdateSettings;
}

/** A command that shows and sets one written setting of the business. */
export function textSettingCommand(
  definition: Omit<Command, 'run'>,
  setting: 'persona' | 'sop',
  replies: { readonly empty: MessageKey; readonly saved: MessageKey },
): Command<Needs> {
  async function set(context: CommandContext<Needs>, text: string): Promise<CommandReply | undefined> {
    const { t, scope, services } = context;
    if (text === '') return undefined;
    if (!tenantSettingsSchema.shape[setting].safeParse(text).success) {
      return { text: t('command.textTooLong', { length: text.length }) };
    }
    await services.updateSettings(scope, { [setting]: text });
    return { text: t(replies.saved) };
  }
  function show({ t, scope }: CommandContext): Promise<CommandReply> {
    const text = scope.settings[setting];
    return Promise.resolve({ text: text === '' ? t(replies.empty) : text });
  }
  return commandWithActions(definition, { show, set }, show);
}
