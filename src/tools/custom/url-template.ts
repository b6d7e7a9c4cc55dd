import { ToolError } from '../../contracts/tool.js';

const PLACEHOLDER = /\{([^{}]*)\}/g;
/** Scheme, host and port must be literal, so that no inserted value can change who is called. */
const FIXED_HOST = /^https?:\/\/[^\s/?#{}@\\]+(?:[/?][^\s#\\]*)?$/u;

/** Why a URL with `{placeholders}` cannot be used; `undefined`: it can be. */
export function problemOfTemplate(template: string): string | undefined {
  if (!FIXED_HOST.test(template)) {
    return 'must be an http or https address with its host written out, without a user name, password or fragment';
  }
  const names = placeholdersOf(template);
  if (names.some((name) => !/^[A-Za-z_][\w.-]{0,63}$/.test(name)))
    return 'contains a placeholder without a valid name';
  if (/[{}]/.test(template.replace(PLACEHOLDER, '')))
    return 'contains a brace that belongs to no placeholder';
  if (pathOf(template).split('/').some(isStep)) return 'contains steps like ".." in its path';
  return URL.canParse(fill(template, () => 'x')) ? undefined : 'is not an address';
}

export function placeholdersOf(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/**
 * Inserts values into the URL, each as a single segment: it can neither end its part of the path nor climb
 * out of it. Throws `ToolError`.
 */
export function fillTemplate(template: string, valueOf: (name: string) => string | undefined): URL {
  const inPath = new Set(placeholdersOf(pathOf(template)));
  const address = fill(template, (name) => {
    const value = valueOf(name) ?? '';
    if (value === '' && inPath.has(name)) throw new ToolError('invalid-input', `"${name}" is missing.`);
    // Some services treat an encoded slash as a slash.
    if (inPath.has(name) && value.split(/[/\\]/).some(isStep)) throw leadsOut();
    return encoded(name, value);
  });
  // URLs treat "." and ".." as steps, even if they were assembled from several values.
  if (pathOf(address).split('/').some(isStep)) throw leadsOut();
  return new URL(address);
}

function fill(template: string, valueOf: (name: string) => string): string {
  return template.replace(PLACEHOLDER, (_whole, name: string) => valueOf(name));
}

function pathOf(address: string): string {
  return address.split('?')[0] ?? '';
}

function leadsOut(): ToolError {
  return new ToolError('invalid-input', 'A value leads out of the address.');
}

function isStep(part: string): boolean {
  return /^(?:\.|%2e){1,2}$/iu.test(part);
}

function encoded(name: string, value: string): string {
  try {
    return encodeURIComponent(value);
  } catch (cause) {
    throw new ToolError('invalid-input', `"${name}" is not text that can be sent.`, { cause });
  }
}
