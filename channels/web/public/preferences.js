// The visitor's display preferences, kept in the browser.

const PREFERENCES_KEY = 'sapa-preferences';

export function readPreferences() {
  try {
    return JSON.parse(localStorage.getItem(PREFERENCES_KEY)) ?? {};
  } catch {
    return {};
  }
}

export function keepPreferences(change) {
  try {
    localStorage.setItem(PREFERENCES_KEY, JSON.stringify({ ...readPreferences(), ...change }));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

export function applyTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
}
