/** What a model writes, alone, when it has no honest answer. Never shown to anyone. */
export const NO_ANSWER = 'NO_ANSWER';

/** With the quotes, stars and full stops models put around it, and escaped as Markdown asks for. */
const SIGN = /["'`*(]*NO\\?_ANSWER["'`*).!]*/g;

export function saysNoAnswer(text: string): boolean {
  return text.search(SIGN) !== -1;
}

export function withoutNoAnswer(text: string): string {
  return text.replace(SIGN, '');
}
