/** Parses a text that is a web address and nothing else. */
export function webAddress(input: string): URL | undefined {
  const isOne = /^https?:\/\/\S+$/i.test(input) && URL.canParse(input);
  return isOne ? new URL(input) : undefined;
}
