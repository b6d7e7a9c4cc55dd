/** A variable the person named, e.g. one that holds a token; `undefined`: unset or empty. */
export function readVariable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/** `DEFAULT_LOCALE` as set in the environment, for messages before settings are parsed. */
export function localeHint(): string | undefined {
  return readVariable('DEFAULT_LOCALE');
}
