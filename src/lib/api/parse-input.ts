import { z } from 'zod';
import type { FieldError } from './problem.js';
import { invalidRequest, notFound } from './problem.js';

const MOST_ERRORS = 50;
const LONGEST_NAME = 100;
const LONGEST_MESSAGE = 500;

function dotted(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, LONGEST_NAME)).join('.');
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: dotted(issue.path), code: issue.code, message: issue.message.slice(0, LONGEST_MESSAGE) }];
  }
  return issue.keys.map((key) => ({
    path: dotted([...issue.path, key]),
    code: 'unknown_field',
    message: issue.message.slice(0, LONGEST_MESSAGE),
  }));
}

/** Names the fields that exist, so that a wrong name can be mended without the reference. */
const withKnownFields: z.core.$ZodErrorMap = ({ code, inst }) => {
  if (code !== 'unrecognized_keys') return undefined;
  const names = inst instanceof z.ZodObject ? Object.keys(inst.shape).join(', ') : '';
  return `There is no such field.${names === '' ? '' : ` The fields here are: ${names}.`}`;
};

/** Returns the parsed value, or throws a 400 that names every invalid field. */
export function parseWith<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  where: 'body' | 'query' | 'form',
): Output {
  const result = schema.safeParse(value, { error: withKnownFields });
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(fieldErrors).slice(0, MOST_ERRORS);
  throw invalidRequest(`The ${where} is not what this route takes.`, errors);
}

/** A malformed id is answered like one that does not exist. */
export function parsePathParams<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw notFound();
}
