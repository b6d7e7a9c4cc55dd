import { textSettingCommand } from './shared/text-setting.js';

export const persona = textSettingCommand(
  {
    name: 'persona',
    audience: 'staff',
    description: 'command.persona.description',
    usage: 'command.persona.usage',
  },
  'persona',
  { empty: 'command.persona.empty', saved: 'command.persona.saved' },
);
