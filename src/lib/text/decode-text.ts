import chardet from 'chardet';
import iconv from 'iconv-lite';

/** The sample for chardet; a larger one does not change its result. */
const SAMPLE_BYTES = 64 * 1024;
/** Below this confidence chardet is guessing. */
const MINIMUM_CONFIDENCE = 40;
/** Number of valid multi-byte characters that outweigh one invalid byte. */
const LETTERS_PER_STRAY = 2;
/** Windows' default encoding. */
const FALLBACK_ENCODING = 'windows-1252';
/** Latin-1 and its relatives differ from windows-1252 only in control characters nobody types. */
const LATIN = new Set(['ISO-8859-1', 'windows-1252', 'ISO-8859-2', 'windows-1250', 'ASCII', 'UTF-8']);
const TURKISH = new Set(['ISO-8859-9', 'windows-1254']);
/** The only bytes that are other letters in Turkish encodings than in windows-1252. */
const TURKISH_LETTERS = [0xd0, 0xdd, 0xde, 0xf0, 0xfd, 0xfe];
/** C0 controls except tab, line feed, form feed and carriage return; DEL; C1 controls. */
const CONTROLS = /[\u0000-\u0008\u000B\u000E-\u001F\u007F-\u0084\u0086-\u009F]/g;
/** Unpaired surrogates, which no encoding can represent. */
const HALF_CHARACTERS = /\p{Surrogate}/gu;

/** Decodes text of unknown encoding: by byte order mark, then as UTF-8, then by statistics. */
export function decodeText(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : decodeAs(bytes, encodingOf(bytes));
}

/**
 * Replaces control characters that text never needs and that break terminals, JSON readers and prompts with
 * spaces.
 */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, ' ').replace(HALF_CHARACTERS, '\uFFFD');
}

/** Decodes text that arrives in pieces; the encoding is determined from the first one. */
export interface PieceDecoder {
  readonly encoding: string;
  decode(piece: Uint8Array): string;
  end(): string;
}

/**
 * `first` decides, except that text which looks like UTF-8 until a late special character may still be
 * windows-1252.
 */
export function pieceDecoder(first: Uint8Array, override?: string): PieceDecoder {
  const encoding = override ?? encodingOf(wholeCharacters(first));
  return encoding === 'utf-8' ? new Utf8Decoder() : new OtherDecoder(encoding);
}

export function isKnownEncoding(encoding: string): boolean {
  return iconv.encodingExists(encoding);
}

class OtherDecoder implements PieceDecoder {
  private readonly decoder: iconv.DecoderStream;

  constructor(readonly encoding: string) {
    this.decoder = iconv.getDecoder(encoding);
  }

  decode(piece: Uint8Array): string {
    return this.decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }

  end(): string {
    return this.decoder.end() ?? '';
  }
}

class Utf8Decoder implements PieceDecoder {
  private decoder = new TextDecoder('utf-8', { fatal: true });
  private other: OtherDecoder | undefined;

  get encoding(): string {
    return this.other?.encoding ?? 'utf-8';
  }

  decode(piece: Uint8Array): string {
    if (this.other) return this.other.decode(piece);
    try {
      return this.decoder.decode(piece, { stream: true });
    } catch {
      this.other = new OtherDecoder(FALLBACK_ENCODING);
      return this.other.decode(piece);
    }
  }

  end(): string {
    if (this.other) return this.other.end();
    try {
      return this.decoder.decode();
    } catch {
      return '\uFFFD';
    }
  }
}

/** The bytes without an incomplete character at the end. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return ((bytes[end - 1] ?? 0) & 0xc0) === 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  if (encoding === 'utf-8') return new TextDecoder('utf-8').decode(bytes);
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), encoding);
}

function encodingOf(bytes: Uint8Array): string {
  return byteOrderMark(bytes) ?? silentUtf16(bytes) ?? (isMostlyUtf8(bytes) ? 'utf-8' : guessed(bytes));
}

/** The encoding indicated by a byte order mark. */
export function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be';
  return undefined;
}

/** UTF-16 without a byte order mark has zeros in every second byte. */
export function silentUtf16(bytes: Uint8Array): string | undefined {
  const length = Math.min(bytes.length, SAMPLE_BYTES) & ~1;
  if (length < 4) return undefined;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even += 1;
    if (bytes[index + 1] === 0) odd += 1;
  }
  const half = length / 2;
  if (odd > half * 0.4 && even < half * 0.05) return 'utf-16le';
  if (even > half * 0.4 && odd < half * 0.05) return 'utf-16be';
  return undefined;
}

/**
 * A stray byte, or a character cut off at the end, does not make it another encoding: only UTF-8 produces
 * valid multi-byte characters, so what counts is whether they outnumber the invalid bytes.
 */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    const { whole, stray } = utf8Letters(bytes);
    return whole > stray * LETTERS_PER_STRAY;
  }
}

/** Counts complete multi-byte characters, and bytes that belong to none. */
function utf8Letters(bytes: Uint8Array): { readonly whole: number; readonly stray: number } {
  let whole = 0;
  let stray = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) continue;
    const length =
      lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xc2 && lead < 0xe0 ? 1 : 0;
    let continuationBytes = 0;
    while (continuationBytes < length && ((bytes[at + continuationBytes + 1] ?? 0) & 0xc0) === 0x80)
      continuationBytes += 1;
    if (length > 0 && continuationBytes === length) whole += 1;
    else if (at + continuationBytes + 1 < bytes.length || length === 0) stray += 1;
    at += continuationBytes;
  }
  return { whole, stray };
}

function guessed(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const [best] = chardet.analyse(sample);
  if (!best || best.confidence < MINIMUM_CONFIDENCE || LATIN.has(best.name)) return FALLBACK_ENCODING;
  if (TURKISH.has(best.name) && !TURKISH_LETTERS.some((byte) => sample.includes(byte))) {
    return FALLBACK_ENCODING;
  }
  return iconv.encodingExists(best.name) ? best.name : FALLBACK_ENCODING;
}
