/** A variable the person named, e.g. where a script keeps a token; `undefined` when unset or empty. */
export function readVariable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/** `DEFAULT_LOCALE` as it stands in the environment, for what is said before settings are parsed. */
export function localeHint(): string | undefined {
  return readVariable('DEFAULT_LOCALE');
}
