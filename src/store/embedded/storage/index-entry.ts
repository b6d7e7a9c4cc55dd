/** Size of the record number that follows the key in an index entry, in bytes. */
export const RID_BYTES = 6;
const scratch = Buffer.alloc(RID_BYTES);

export function ridSuffix(rid: number): string {
  scratch.writeUIntBE(rid, 0, RID_BYTES);
  return scratch.toString('latin1', 0, RID_BYTES);
}

/** The record number at the end of an index entry. */
export function ridOf(entry: string): number {
  let rid = 0;
  for (let i = entry.length - RID_BYTES; i < entry.length; i += 1) rid = rid * 256 + entry.charCodeAt(i);
  return rid;
}
