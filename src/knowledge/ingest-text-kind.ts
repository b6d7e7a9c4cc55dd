/** Signs of Markdown at line starts, or unlikely in other text. */
const SIGNS = [
  /^#{1,6}[ \t]+\S/m,
  /^[ \t]{0,3}[-*+][ \t]+\S/m,
  /^[ \t]{0,3}(```|~~~)/m,
  /^\|.*\|[ \t]*$/m,
  /\[[^[\]\n]{1,200}\]\([^()\s]{1,500}\)/,
  /\*\*[^*\n]{1,200}\*\*/,
];

/** Plain text stays as written: as Markdown, its indented lines and `<brackets>` would change. */
export function textKind(text: string): 'markdown' | 'text' {
  return SIGNS.some((sign) => sign.test(text)) ? 'markdown' : 'text';
}
