/** One file of a ZIP, as listed in its directory. */
export interface ZipEntry {
  readonly name: string;
  /** Declared unpacked size, in bytes; if it is false, only the child runs out of memory. */
  readonly size: number;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
/** Longest comment after the end record. */
const MAXIMUM_COMMENT = 0xffff;
/** Office files have dozens of parts, or hundreds with pictures. */
const MAXIMUM_ENTRIES = 10_000;

/** The directory of a ZIP, without unpacking anything; empty if there is no readable one. */
export function zipDirectory(bytes: Uint8Array): readonly ZipEntry[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(file);
  if (end === undefined) return [];
  const entries: ZipEntry[] = [];
  let at = file.readUInt32LE(end + 16);
  while (entries.length < MAXIMUM_ENTRIES && at + ENTRY_BYTES <= end && file.readUInt32LE(at) === ENTRY) {
    const nameLength = file.readUInt16LE(at + 28);
    const size = file.readUInt32LE(at + 24);
    const name = file.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
    entries.push({ name, size });
    at += ENTRY_BYTES + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return entries;
}

function endRecord(file: Buffer): number | undefined {
  const first = Math.max(0, file.length - END_BYTES - MAXIMUM_COMMENT);
  for (let at = file.length - END_BYTES; at >= first; at -= 1) {
    if (file.readUInt32LE(at) === END) return at;
  }
  return undefined;
}

/** Tells office files apart by their main part. */
export function officeKind(entries: readonly ZipEntry[]): 'docx' | 'xlsx' | undefined {
  for (const { name } of entries) {
    if (/^word\/document\d*\.xml$/i.test(name)) return 'docx';
    if (/^xl\/workbook\d*\.xml$/i.test(name)) return 'xlsx';
  }
  return undefined;
}
