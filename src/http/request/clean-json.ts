import { HttpProblem } from '../../lib/api/problem.js';

const DEEPEST = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** NUL and lone surrogates, which no database or platform accepts. */
const UNSTORABLE = /\0|\p{Cs}/gu;
const HAS_UNSTORABLE = /\0|\p{Cs}/u;

function refuse(detail: string): never {
  throw new HttpProblem(400, 'invalid_request', detail, { errors: [] });
}

/** Replaces what cannot be stored with U+FFFD, as CommonMark does for NUL. */
export function cleanText(text: string): string {
  return HAS_UNSTORABLE.test(text) ? text.replace(UNSTORABLE, '\uFFFD') : text;
}

/**
 * Makes freshly parsed JSON safe: cleans strings in place, and rejects with 400 keys that reach prototypes,
 * keys that cannot be stored, and nesting beyond 64 levels. Iterative, so that depth costs no stack.
 */
export function cleanJson(root: unknown): unknown {
  if (typeof root === 'string') return cleanText(root);
  const waiting: { node: object; depth: number }[] = [];
  const enter = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return;
    if (depth > DEEPEST) refuse(`The body is nested deeper than ${DEEPEST} levels.`);
    waiting.push({ node: value, depth });
  };
  enter(root, 1);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (FORBIDDEN_KEYS.has(key)) refuse(`A field may not be called \`${key}\`.`);
      if (HAS_UNSTORABLE.test(key)) refuse('The name of a field holds characters that cannot be stored.');
      if (typeof value === 'string') Reflect.set(node, key, cleanText(value));
      else enter(value, depth + 1);
    }
  }
  return root;
}
