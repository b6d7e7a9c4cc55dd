import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import type { Settings } from './settings-schema.js';
import { settingsSchema } from './settings-schema.js';

/** Everything wrong with the settings, one line each with the variable's name but never its value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly problems: readonly string[]) {
    super(['These settings are wrong:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/**
 * Parses the environment, which overrides the `.env` file. Throws `SettingsError` with all problems at once.
 */
export function loadSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  envFile = '.env',
): Settings {
  const fromFile = existsSync(envFile) ? parse(readFileSync(envFile)) : {};
  const entries = Object.entries({ ...fromFile, ...definedOf(environment) }).filter(
    ([, value]) => value.trim() !== '',
  );
  const parsed = settingsSchema.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`),
  );
}

function definedOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
