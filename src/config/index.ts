export { loadSecrets } from './secrets.js';
export type { Secrets } from './secrets.js';
export { localeHint, readVariable } from './read-variable.js';
export { loadSettings, SettingsError } from './load-settings.js';
export type { Settings } from './settings-schema.js';
