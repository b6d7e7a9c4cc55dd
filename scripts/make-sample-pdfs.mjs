// Writes the PDFs of the sample business from scripts/sample-pdf/*.txt, the same bytes each time. Lines
// starting with `#` and `##` are headings. Text is in Windows-1252, the encoding of PDF's standard fonts.
// Usage: node scripts/make-sample-pdfs.mjs [folder]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, '../src/seed/demo');

/** A4 in points. */
const PAGE = { width: 595, height: 842, margin: 64 };
const STYLES = {
  title: { font: 'F2', size: 18, leading: 28 },
  heading: { font: 'F2', size: 13, leading: 24 },
  text: { font: 'F1', size: 11, leading: 16 },
};
/**
 * Relative to the font size. Helvetica averages about 0.5; this is larger, so lines break early, never late.
 */
const WIDEST_CHARACTER = 0.56;

function wrap(text, size) {
  const limit = Math.floor((PAGE.width - 2 * PAGE.margin) / (size * WIDEST_CHARACTER));
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== '' && last.length + 1 + word.length > limit) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function styledLines(source) {
  const lines = [];
  for (const line of source.split('\n').filter((each) => each.trim() !== '')) {
    const [, marks, text] = /^(#*)\s*(.*)$/.exec(line);
    const style = [STYLES.text, STYLES.title, STYLES.heading][marks.length];
    for (const part of wrap(text, style.size)) lines.push({ text: part, style });
  }
  return lines;
}

function pages(lines) {
  const all = [[]];
  let y = PAGE.height - PAGE.margin;
  for (const { text, style } of lines) {
    y -= style.leading;
    if (y < PAGE.margin) {
      all.push([]);
      y = PAGE.height - PAGE.margin - style.leading;
    }
    const escaped = text.replace(/[\\()]/g, '\\$&');
    all.at(-1).push(`BT /${style.font} ${style.size} Tf ${PAGE.margin} ${y} Td (${escaped}) Tj ET`);
  }
  return all.map((operators) => operators.join('\n'));
}

function pdf(title, contents) {
  const font = (name) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
  const firstPage = 6;
  const kids = contents.map((_, index) => `${firstPage + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    `<< /Title (${title}) >>`,
  ];
  contents.forEach((content, index) => {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}] ` +
        `/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${firstPage + index * 2 + 1} 0 R >>`,
      `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
    );
  });
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(`${body}xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}${trailer}`, 'latin1');
}

for (const file of readdirSync(join(here, 'sample-pdf')).sort()) {
  const source = readFileSync(join(here, 'sample-pdf', file), 'utf8');
  const title = source.slice(2, source.indexOf('\n'));
  const bytes = pdf(title, pages(styledLines(source)));
  writeFileSync(join(target, `${basename(file, '.txt')}.pdf`), bytes);
}
