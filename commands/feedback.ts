import { defineCommand, type CommandContext, type RateAnswer } from '../src/contracts/command.js';

export const feedback = defineCommand({
  name: 'feedback',
  audience: 'everyone',
  description: 'command.feedback.description',
  options: {
    rating: {
      type: 'choice',
      description: 'command.feedback.rating',
      choices: [
        { value: 'up', label: 'button.helpful', aliases: ['good', 'bagus', '+', '👍'] },
        { value: 'down', label: 'button.notHelpful', aliases: ['bad', 'kurang', '-', '👎'] },
      ],
    },
    comment: { type: 'text', maxLength: 2000, description: 'command.feedback.comment' },
  },
  async run(
    { t, services, scope, conversation }: CommandContext<{ readonly rateAnswer: RateAnswer }>,
    { rating, comment },
  ) {
    if (rating === undefined) {
      const up = { label: t('button.helpful'), action: '/feedback up' };
      const down = { label: t('button.notHelpful'), action: '/feedback down' };
      return { text: t('command.feedback.ask'), buttons: [[up, down]] };
    }
    const stored = await services.rateAnswer(scope, conversation.id, rating, comment);
    if (!stored) return { text: t('feedback.nothingToRate') };
    return { text: rating === 'up' ? t('feedback.thanksUp') : t('feedback.thanksDown') };
  },
});
