import { deflateSync } from 'node:zlib';

export interface PdfLine {
  readonly text: string;
  readonly x?: number;
  readonly y: number;
  readonly size?: number;
}

export interface PdfOptions {
  readonly title?: string;
  readonly outline?: readonly string[];
  /** Adds an Encrypt dictionary that no password opens. */
  readonly encrypted?: boolean;
}

/** A small, valid PDF with one standard font. */
export function makePdf(pages: readonly (readonly PdfLine[])[], options: PdfOptions = {}): Uint8Array {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  const tree = add('');
  const kids = pages.map((lines) => {
    const content = add(stream(pageContent(lines)));
    return add(
      `<< /Type /Page /Parent ${tree} 0 R /MediaBox [0 0 595 842] /Contents ${content} 0 R /Resources << /Font << /F1 ${font} 0 R >> >> >>`,
    );
  });
  objects[tree - 1] =
    `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`;
  const outline = addOutline(add, objects, options.outline ?? [], kids[0] ?? 0);
  const catalog = add(`<< /Type /Catalog /Pages ${tree} 0 R ${outline} >>`);
  const info = options.title === undefined ? '' : `/Info ${add(`<< /Title (${options.title}) >>`)} 0 R`;
  const zeros = '00'.repeat(32);
  const encrypt = options.encrypted
    ? `/Encrypt ${add(`<< /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <${zeros}> /U <${zeros}> >>`)} 0 R /ID [<${'ab'.repeat(16)}> <${'ab'.repeat(16)}>]`
    : '';
  return assemble(objects, `/Root ${catalog} 0 R ${info} ${encrypt}`);
}

/** A PDF of the given objects, numbered from 1, with a correct cross-reference table. */
export function assemble(objects: readonly string[], trailer: string): Uint8Array {
  let file = '%PDF-1.7\n';
  const offsets = objects.map((body, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  file += `trailer\n<< /Size ${objects.length + 1} ${trailer} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

/** A compressed stream object. */
export function stream(content: string | Uint8Array): string {
  const body = deflateSync(content).toString('latin1');
  return `<< /Length ${body.length} /Filter /FlateDecode >>\nstream\n${body}\nendstream`;
}

function pageContent(lines: readonly PdfLine[]): Buffer {
  const commands = lines.map(({ text, x = 72, y, size = 11 }) => {
    const escaped = text.replace(/[\\()]/g, '\\$&');
    return `BT /F1 ${size} Tf 1 0 0 1 ${x} ${y} Tm (${escaped}) Tj ET`;
  });
  return Buffer.from(commands.join('\n'), 'latin1');
}

function addOutline(
  add: (body: string) => number,
  objects: string[],
  titles: readonly string[],
  page: number,
): string {
  if (titles.length === 0) return '';
  const root = add('');
  const first = root + 1;
  titles.forEach((title, index) => {
    const next = index < titles.length - 1 ? `/Next ${first + index + 1} 0 R` : '';
    const previous = index > 0 ? `/Prev ${first + index - 1} 0 R` : '';
    add(`<< /Title (${title}) /Parent ${root} 0 R /Dest [${page} 0 R /Fit] ${next} ${previous} >>`);
  });
  objects[root - 1] =
    `<< /Type /Outlines /First ${first} 0 R /Last ${first + titles.length - 1} 0 R /Count ${titles.length} >>`;
  return `/Outlines ${root} 0 R`;
}
