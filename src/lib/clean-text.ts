/**
 * Text as platforms accept it: half surrogate pairs become U+FFFD, for they take only valid
 * UTF-8, and control characters other than tab and line feed are dropped.
 */
export function cleanText(text: string): string {
  // UTF-8 has no way to write half a pair, so a round trip replaces it.
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .replace(/\p{Cc}/gu, keepLayout);
}

function keepLayout(control: string): string {
  return control === '\n' || control === '\t' ? control : '';
}
