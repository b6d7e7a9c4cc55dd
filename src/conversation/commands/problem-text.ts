import type { Translate } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import type { OptionProblem } from './read-options.js';

/** Enough of the input for the person to recognise it. */
const SHOWN_CHARACTERS = 60;

/** One sentence about what is wrong. */
export function problemText(problem: OptionProblem, t: Translate): string {
  const typed = 'typed' in problem ? quote(problem.typed, SHOWN_CHARACTERS) : '';
  switch (problem.type) {
    case 'missing':
      return t('commandProblem.missing', { name: problem.name });
    case 'unknown-option':
      return t('commandProblem.unknownOption', { name: problem.name });
    case 'left-over':
      return t('commandProblem.leftOver', { text: quote(problem.text, SHOWN_CHARACTERS) });
    case 'not-a-number':
      return t(problem.whole ? 'commandProblem.notWhole' : 'commandProblem.notANumber', {
        name: problem.name,
        typed,
      });
    case 'out-of-range': {
      const { name, min = 'none', max = 'none' } = problem;
      return t('commandProblem.outOfRange', { name, min, max });
    }
    case 'not-yes-or-no':
      return t('commandProblem.notYesOrNo', { name: problem.name, typed });
    case 'not-a-choice':
      return problem.meant === undefined
        ? t('commandProblem.notAChoice', { typed })
        : t('commandProblem.didYouMean', { typed, meant: problem.meant });
    case 'too-long': {
      const { name, length, maxLength } = problem;
      return t('commandProblem.tooLong', { name, length, maxLength });
    }
    case 'not-found':
      return problem.kind === 'conversation'
        ? t('command.conversationNotFound', { id: typed })
        : t('commandProblem.notFound', { typed });
    case 'several':
      return t('commandProblem.several', { typed });
    default: {
      const unexpected: never = problem;
      return unexpected;
    }
  }
}
