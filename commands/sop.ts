import { textSettingCommand } from './shared/text-setting.js';

export const sop = textSettingCommand('sop', {
  description: 'command.sop.description',
  show: 'command.sop.show',
  set: 'command.sop.set',
  text: 'command.sop.text',
  empty: 'command.sop.empty',
  saved: 'command.sop.saved',
});
