import type { ClaimStaff, Command } from '../src/contracts/command.js';
import { wrongUse } from './shared/command-actions.js';

export const claim: Command<{ readonly claimStaff: ClaimStaff }> = {
  name: 'claim',
  audience: 'everyone',
  description: 'command.claim.description',
  usage: 'command.claim.usage',
  async run(context) {
    const { t, services, scope, contact, argumentText } = context;
    if (argumentText === '' || /\s/.test(argumentText)) return wrongUse(context, claim);
    const granted = await services.claimStaff(scope, argumentText, contact);
    return { text: granted ? t('command.claim.granted') : t('command.claim.refused') };
  },
};
