import type { TenantSettings } from '../contracts/settings.js';
import type { ContactField } from '../contracts/stores.js';

type FieldSchema = TenantSettings['contact_fields'][number];

export type CheckedField =
  | { readonly type: 'value'; readonly value: ContactField }
  | {
      readonly type: 'wrong';
      readonly problem: 'number' | 'date' | 'choice' | 'too-long';
      readonly choices?: readonly string[];
    };

const LONGEST_TEXT = 2_000;

/**
 * Validates a field's value against the business's schema; fields without a schema accept anything. Text is
 * converted to the number or choice it represents.
 */
export function checkedField(
  schema: readonly FieldSchema[],
  name: string,
  input: ContactField,
): CheckedField {
  const field = schema.find((each) => each.name === name);
  const text = String(input).trim();
  if (field === undefined) {
    const isTooLong = typeof input === 'string' && input.length > LONGEST_TEXT;
    return isTooLong ? { type: 'wrong', problem: 'too-long' } : { type: 'value', value: input };
  }
  switch (field.type) {
    case 'text':
      return text.length > LONGEST_TEXT
        ? { type: 'wrong', problem: 'too-long' }
        : { type: 'value', value: text };
    case 'number': {
      const value = typeof input === 'number' ? input : numberIn(text);
      return Number.isFinite(value) ? { type: 'value', value } : { type: 'wrong', problem: 'number' };
    }
    case 'date': {
      const value = dateIn(text);
      return value === undefined ? { type: 'wrong', problem: 'date' } : { type: 'value', value };
    }
    case 'choice': {
      const { choices = [] } = field;
      const value = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
      return value === undefined ? { type: 'wrong', problem: 'choice', choices } : { type: 'value', value };
    }
    default:
      return field.type satisfies never;
  }
}

/** "12", "1.5" and "1,5"; in "1.250.000" the dots are thousands separators. */
function numberIn(text: string): number {
  if (/^-?\d{1,3}(?:[.,]\d{3}){2,}$/.test(text)) return Number(text.replaceAll(/[.,]/g, ''));
  return /^-?\d{1,15}(?:[.,]\d{1,10})?$/.test(text) ? Number(text.replace(',', '.')) : NaN;
}

/** YYYY-MM-DD, also from "25/12/2026". */
function dateIn(text: string): string | undefined {
  const [, day = '', month = '', year = ''] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(text) ?? [];
  const date = year === '' ? text : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : undefined;
}
