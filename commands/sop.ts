import { textSettingCommand } from './shared/text-setting.js';

export const sop = textSettingCommand(
  { name: 'sop', audience: 'staff', description: 'command.sop.description', usage: 'command.sop.usage' },
  'sop',
  { empty: 'command.sop.empty', saved: 'command.sop.saved' },
);
