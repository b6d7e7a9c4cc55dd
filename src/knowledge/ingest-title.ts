const MAXIMUM_TITLE_CHARS = 200;
/** Control characters, unpaired surrogates, and marks that are invisible or change the text direction. */
const INVISIBLE = /[\p{Cc}\p{Cs}\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;
const UNTITLED = 'Untitled';

/** A readable title from a file name that may contain anything; never used as a path. */
export function titleFromFileName(fileName: string): string {
  const base = cleanTitle(fileName).split(/[/\\]/).at(-1) ?? '';
  const stem = base.replace(/\.[A-Za-z0-9]{1,8}$/, '').trim();
  // `daftar-harga_2026` stands for three words: people read the title, and questions are compared with it.
  const name = stem.includes(' ') ? stem : stem.replace(/(?<=[^\s_-])[_-]+(?=[^\s_-])/g, ' ');
  return name === '' || name === '.' || name === '..' ? UNTITLED : name;
}

export function cleanTitle(title: string): string {
  const clean = title.replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim();
  return truncated(clean) || UNTITLED;
}

/** Keeps whole code points. */
function truncated(text: string): string {
  return text.length <= MAXIMUM_TITLE_CHARS
    ? text
    : [...text.slice(0, MAXIMUM_TITLE_CHARS)].slice(0, -1).join('').trim();
}
