/** A name that every file system accepts; `?` and `/`, which column names often contain, become `_`. */
export function fileNameOf(text: string): string {
  return text.replace(/[/\\:*?"<>|\p{Cc}]/gu, '_');
}
