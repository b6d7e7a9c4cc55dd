import {
  defineCommand,
  defineSubcommand,
  type Command,
  type CommandContext,
  type CommandReply,
  type UpdateSettings,
} from '../../src/contracts/command.js';
import type { MessageKey } from '../../src/contracts/i18n.js';
import { TEXT_LIMITS } from '../../src/contracts/settings.js';

/** A command that shows and sets one text setting of the business. */
export function textSettingCommand(
  setting: 'persona' | 'sop',
  texts: Readonly<Record<'description' | 'show' | 'set' | 'text' | 'empty' | 'saved', MessageKey>>,
): Command<{ readonly updateSettings: UpdateSettings }> {
  const set = defineSubcommand({
    description: texts.set,
    options: {
      text: {
        type: 'text',
        required: true,
        multiline: true,
        maxLength: TEXT_LIMITS[setting],
        description: texts.text,
      },
    },
    async run({ t, scope, services }: CommandContext<{ readonly updateSettings: UpdateSettings }>, { text }) {
      await services.updateSettings(scope, { [setting]: text });
      return { text: t(texts.saved) };
    },
  });
  function show({ t, scope }: CommandContext): Promise<CommandReply> {
    const text = scope.settings[setting];
    return Promise.resolve({ text: text === '' ? t(texts.empty) : text });
  }
  return defineCommand({
    name: setting,
    audience: 'staff',
    description: texts.description,
    options: {},
    subcommands: { show: defineSubcommand({ description: texts.show, options: {}, run: show }), set },
    run: show,
  });
}
