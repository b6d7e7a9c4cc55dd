import { createHash } from 'node:crypto';

/** Field numbers of Signal's messages. */
const INNER_MESSAGE = 4;
const RATCHET_KEY = 1;
const COUNTER = 2;
const VERSION_BYTES = 1;
const MAC_BYTES = 8;

/** Which key a Signal message was encrypted with: every key may be used for one message only. */
export function messageKeyOf(type: string, ciphertext: Uint8Array): string {
  const inner =
    type === 'pkmsg' ? fieldsOf(ciphertext.subarray(VERSION_BYTES)).get(INNER_MESSAGE) : undefined;
  const message = inner instanceof Uint8Array ? inner : ciphertext;
  const fields = fieldsOf(message.subarray(VERSION_BYTES, -MAC_BYTES));
  const key = fields.get(RATCHET_KEY);
  return `${key instanceof Uint8Array ? Buffer.from(key).toString('hex') : ''}/${String(fields.get(COUNTER) ?? 0)}`;
}

/** Notices messages encrypted with a key that was used for another one. */
export class UsedKeys {
  private readonly used = new Map<string, string>();

  /** Whether the key was used for another message before. */
  isReused(from: string, type: string, ciphertext: Uint8Array): boolean {
    if (type !== 'pkmsg' && type !== 'msg') return false;
    const key = `${from} ${messageKeyOf(type, ciphertext)}`;
    const digest = createHash('sha256').update(ciphertext).digest('hex');
    const earlier = this.used.get(key);
    this.used.set(key, digest);
    return earlier !== undefined && earlier !== digest;
  }
}

/** The varints and byte strings of a protobuf message, by field number. */
function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[offset++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (offset < bytes.length) {
    const tag = varint();
    const value = varint();
    const isBytes = tag % 8 === 2;
    fields.set(Math.floor(tag / 8), isBytes ? bytes.subarray(offset, offset + value) : value);
    if (isBytes) offset += value;
  }
  return fields;
}
