/** `Unit Price (USD)` and `unit_price usd` are the same words. */
export function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** The column with exactly these words, with or without spaces between them. */
export function columnNamed<Column extends { readonly name: string }>(
  words: readonly string[],
  columns: readonly Column[],
): Column | undefined {
  const wanted = words.join('');
  return wanted === '' ? undefined : columns.find(({ name }) => wordsOf(name).join('') === wanted);
}

/**
 * The column with these words, or else the only one that ends with them, begins with them or contains them:
 * `Kota` stands for `Pembeli Kota`, `Repair cost` for `Repair cost (USD)`.
 */
export function columnLike<Column extends { readonly name: string }>(
  words: readonly string[],
  columns: readonly Column[],
): Column | undefined {
  if (words.length === 0) return undefined;
  const wanted = ` ${words.join(' ')} `;
  const fits: readonly ((name: string) => boolean)[] = [
    (name) => name.endsWith(wanted),
    (name) => name.startsWith(wanted),
    (name) => name.includes(wanted),
  ];
  const exact = columnNamed(words, columns);
  if (exact !== undefined) return exact;
  for (const isFit of fits) {
    const matches = columns.filter(({ name }) => isFit(` ${wordsOf(name).join(' ')} `));
    if (matches.length === 1) return matches[0];
  }
  return undefined;
}
