import { textSettingCommand } from './shared/text-setting.js';

export const persona = textSettingCommand('persona', {
  description: 'command.persona.description',
  show: 'command.persona.show',
  set: 'command.persona.set',
  text: 'command.persona.text',
  empty: 'command.persona.empty',
  saved: 'command.persona.saved',
});
