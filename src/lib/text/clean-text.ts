/**
 * Text as platforms accept it: unpaired surrogates become U+FFFD, since only valid UTF-8 is accepted, and
 * control characters other than tab and line feed are dropped.
 */
export function cleanText(text: string): string {
  // UTF-8 cannot represent unpaired surrogates, so a round trip replaces them.
  return Buffer.from(text, 'utf8')
    .toString('utf8')
    .replace(/\p{Cc}/gu, keepLayout);
}

function keepLayout(control: string): string {
  return control === '\n' || control === '\t' ? control : '';
}
