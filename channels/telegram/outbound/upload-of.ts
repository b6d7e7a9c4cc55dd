import type { InputFile } from 'grammy';

/** A file for a call. grammY is loaded on first use. */
export async function uploadOf({
  bytes,
  fileName,
}: {
  readonly bytes: Uint8Array;
  readonly fileName: string;
}): Promise<InputFile> {
  const grammy = await import('grammy');
  return new grammy.InputFile(bytes, quoted(fileName));
}

/** grammY writes the name into a header as it is, where a space or a semicolon would end a name without quotes. */
function quoted(fileName: string): string {
  return `"${fileName.replace(/["\\\p{Cc}]/gu, '_')}"`;
}
