/** What somebody wrote, where it is a web address and nothing else. */
export function webAddress(written: string): URL | undefined {
  const isOne = /^https?:\/\/\S+$/i.test(written) && URL.canParse(written);
  return isOne ? new URL(written) : undefined;
}
