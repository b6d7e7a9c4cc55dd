import type { z } from 'zod';
import type { Translate } from '../contracts/i18n.js';

/** Messages about wrong fields, for people; never with the value, which may be a secret. */
export function fieldMessages(t: Translate): z.core.$ZodErrorMap {
  return (issue) => {
    switch (issue.code) {
      case 'invalid_type':
        return issue.input === undefined
          ? t('cli.field.missing')
          : t('cli.field.kind', { expected: issue.expected });
      case 'invalid_value':
        return issue.input === undefined
          ? t('cli.field.missing')
          : t('cli.field.oneOf', { values: issue.values.map(String).join(', ') });
      case 'too_big':
        return t('cli.field.tooBig', { limit: String(issue.maximum) });
      case 'too_small':
        return t('cli.field.tooSmall', { limit: String(issue.minimum) });
      case 'unrecognized_keys':
        return t('cli.field.unknown', { names: issue.keys.join(', ') });
      default:
        // Custom checks bring their own message.
        return undefined;
    }
  };
}
