import { deflateSync } from 'node:zlib';
import { encode, renderUnicodeCompact } from 'uqr';

/** Scanners need a white border of four modules. */
const BORDER = 4;
/** Pixels per module: readable when a phone is held to the screen. */
const SCALE = 8;

/** A QR code drawn with half blocks, for dark and light terminals. */
export function qrForTerminal(text: string): string {
  return renderUnicodeCompact(text, { border: 2 });
}

/** A QR code as a black and white PNG. */
export function qrAsPng(text: string): Uint8Array {
  const { data, size } = encode(text, { border: BORDER });
  const edge = size * SCALE;
  const row = (modules: readonly boolean[]): Buffer => {
    // One bit per pixel, 0 is black; each row is preceded by its filter type, which is none.
    const bytes = Buffer.alloc(1 + Math.ceil(edge / 8));
    for (let x = 0; x < edge; x++) {
      const isBlack = modules[Math.floor(x / SCALE)] === true;
      const at = 1 + (x >> 3);
      if (!isBlack) bytes.writeUInt8(bytes.readUInt8(at) | (0x80 >> (x & 7)), at);
    }
    return bytes;
  };
  const rows = data.flatMap((modules) => Array<Buffer>(SCALE).fill(row(modules)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.writeUInt8(1, 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** PNG's checksum; zlib provides it only since Node 22. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
