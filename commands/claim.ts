import { defineCommand, type ClaimStaff, type CommandContext } from '../src/contracts/command.js';

export const claim = defineCommand({
  name: 'claim',
  audience: 'everyone',
  unlisted: true,
  description: 'command.claim.description',
  options: { code: { type: 'text', required: true, description: 'command.claim.code' } },
  async run({ t, services, scope, contact }: CommandContext<{ readonly claimStaff: ClaimStaff }>, { code }) {
    const granted = await services.claimStaff(scope, code, contact);
    return { text: granted ? t('command.claim.granted') : t('command.claim.refused') };
  },
});
