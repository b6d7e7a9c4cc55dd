import exceljs from 'exceljs';
import { describe, expect, it } from 'vitest';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import { createFileParser } from '../../../src/knowledge/index.js';
import type { ParsedDocument } from '../../../src/knowledge/parse/parsed-document.js';
import { makeDocx, makeZip } from './make-office.js';

const MEGABYTE = 1024 * 1024;
const parser = createFileParser({ cpuMs: 5000, wallMs: 60_000, residentBytes: 400 * MEGABYTE });
const parse = (content: string | Uint8Array, fileName: string): Promise<ParsedDocument> =>
  parser.parseFile(typeof content === 'string' ? Buffer.from(content) : content, fileName);
const outcome = (content: string | Uint8Array, fileName: string): Promise<string> =>
  parse(content, fileName).then(
    ({ kind }) => kind,
    (error: unknown) => (error instanceof KnowledgeError ? error.kind : `not typed: ${String(error)}`),
  );
const lines = ({ sections }: ParsedDocument): string[] =>
  sections.map(({ headings, text }) => [...headings, text].join(' > '));

async function workbookBytes(fill: (workbook: exceljs.Workbook) => void): Promise<Uint8Array> {
  const workbook = new exceljs.Workbook();
  fill(workbook);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

describe('a Word document', () => {
  it('is read by its headings, with lists, links and table rows', async () => {
    const document = await parse(
      makeDocx([
        { style: 'Heading1', text: 'Pengembalian' },
        { text: 'Barang bisa dikembalikan dalam tujuh hari.' },
        { style: 'Heading2', text: 'Ongkos kirim' },
        {
          rows: [
            ['Kota', 'Harga'],
            ['Bandung', '15.000'],
            ['Medan', ''],
          ],
        },
      ]),
      'aturan.docx',
    );
    expect(document.kind).toBe('docx');
    expect(lines(document)).toEqual([
      'Pengembalian > Barang bisa dikembalikan dalam tujuh hari.',
      'Pengembalian > Ongkos kirim > Kota: Bandung; Harga: 15.000\nKota: Medan',
    ]);
  });

  it('is identified by its content, and is unreadable if truncated or empty', async () => {
    const whole = makeDocx([{ text: 'Buka setiap hari.' }]);
    expect(await outcome(whole, 'menu.xlsx')).toBe('docx');
    expect(await outcome(whole.subarray(0, 200), 'cut.docx')).toBe('unsupported-type');
    expect(await outcome(makeZip({ 'word/document.xml': '<w:document' }), 'bad.docx')).toBe('unreadable');
    expect(await outcome(makeDocx([]), 'empty.docx')).toBe('no-text');
  });
});

describe('a workbook', () => {
  it('is read row by row under its sheet names, with values as displayed', async () => {
    const bytes = await workbookBytes((workbook) => {
      const prices = workbook.addWorksheet('Harga');
      prices.addRow(['Daftar harga toko']);
      prices.addRow(['Barang', 'Harga', 'Diskon', 'Berlaku', 'Total']);
      prices.addRow(['Kemeja', 300_000, 0.1, new Date('2026-01-05'), { formula: 'B3*0.9', result: 270_000 }]);
      prices.getCell('C3').numFmt = '0%';
      prices.addRow([]);
      prices.addRow(['Sarung', null, null, null, { formula: '1/0', result: { error: '#DIV/0!' } }]);
      workbook.addWorksheet('Sheet2').addRows([
        ['Kota', 'Hari'],
        [{ richText: [{ text: 'Ban' }, { text: 'dung' }] }, 0.1 + 0.2],
      ]);
      workbook.addWorksheet('Modal', { state: 'hidden' }).addRows([['Rahasia'], ['1']]);
    });
    const document = await parse(bytes, 'harga.xlsx');
    expect(document.kind).toBe('xlsx');
    expect(lines(document)).toEqual([
      'Harga > Daftar harga toko > Barang: Kemeja; Harga: 300000; Diskon: 10%; Berlaku: 2026-01-05; Total: 270000',
      'Harga > Daftar harga toko > Barang: Sarung',
      'Kota: Bandung; Hari: 0.3',
    ]);
  });

  it('is refused if empty or broken, and far-away cells cost nothing', { timeout: 60_000 }, async () => {
    expect(await outcome(await workbookBytes((book) => book.addWorksheet('Kosong')), 'a.xlsx')).toBe(
      'no-text',
    );
    expect(await outcome(makeZip({ 'xl/workbook.xml': '<workbook' }), 'a.xlsx')).toMatch(
      /unreadable|no-text/,
    );
    const far = await workbookBytes((book) => {
      const sheet = book.addWorksheet('Jauh');
      sheet.addRow(['Barang', 'Harga']);
      sheet.getCell('A900000').value = 'Kemeja';
      sheet.getCell('XFD900001').value = 'tidak terbaca';
    });
    expect(lines(await parse(far, 'far.xlsx'))).toEqual(['Jauh > Barang: Kemeja']);
  });
});

describe('a web page', () => {
  it('is read by its headings, without menus and scripts', async () => {
    const document = await parse(
      `<!-- saved --><!DOCTYPE html><html><head><title>Toko  Batik</title><style>p{}</style></head><body>
       <nav><a href="/">Beranda</a><a href="/masuk">Masuk</a></nav>
       <h1>Pengiriman</h1><p>Kami kirim ke <b>seluruh</b> Indonesia<br>setiap hari kerja.</p>
       <ol><li>Pesan</li><li>Bayar<ul><li>transfer</li></ul></li></ol>
       <h2>Ongkos</h2><table><tr><th>Kota<th>Harga<tr><td>Bandung<td>15.000</table>
       <p hidden>tidak terlihat</p><p>Tanya <a href="mailto:halo@toko.id">kami</a>.</p>
       <script>alert(1)</script></body></html>`,
      'page.html',
    );
    expect(document).toMatchObject({ kind: 'html', title: 'Toko Batik' });
    const text = lines(document).join('\n\n');
    expect(text).toContain('Pengiriman > Kami kirim ke seluruh Indonesia\nsetiap hari kerja.');
    expect(text).toContain('1. Pesan\n2. Bayar');
    expect(text).toContain('Ongkos > Kota: Bandung; Harga: 15.000');
    expect(text).toContain('kami (halo@toko.id)');
    expect(text).not.toMatch(/Beranda|alert|terlihat|p\{\}/);
  });

  it('does no harm if it nests endlessly or has no text', async () => {
    expect(await outcome('<p>Buka jam delapan.', 'a.html')).toBe('html');
    expect(await outcome('<html><script>alert(1)</script></html>', 'a.html')).toBe('no-text');
    expect(await outcome(`<html>${'<div>'.repeat(50_000)}x`, 'a.html')).toMatch(
      /html|unreadable|too-large|no-text/,
    );
  }, 60_000);
});

describe('a JSON file', () => {
  it('is read as rows, with the path to them as headings', async () => {
    const document = await parse(
      JSON.stringify({
        nama: 'Toko Batik',
        menu: {
          minuman: [{ nama: 'Kopi', harga: { jumlah: 20000, mata_uang: 'IDR' }, tag: ['panas', 'es'] }],
        },
        catatan: ['Tutup hari Minggu', null, 'Parkir gratis'],
      }),
      'toko.json',
    );
    expect(document.kind).toBe('json');
    expect(lines(document)).toEqual([
      'nama: Toko Batik; catatan: Tutup hari Minggu, Parkir gratis',
      'menu > minuman > nama: Kopi; harga jumlah: 20000; harga mata_uang: IDR; tag: panas, es',
    ]);
  });

  it('is refused with a reason if it is broken, empty or endlessly nested', async () => {
    expect(await outcome('{"a": 1,}', 'a.json')).toBe('unreadable');
    expect(await outcome('[]', 'a.json')).toBe('no-text');
    expect(await outcome('['.repeat(500_000) + ']'.repeat(500_000), 'a.json')).toMatch(/unreadable|no-text/);
  });
});

describe('a zip bomb', () => {
  it('is refused whether it declares its real size or lies about it', async () => {
    const spaces = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${' '.repeat(
      300 * MEGABYTE,
    )}</w:body></w:document>`;
    const honest = makeZip({ 'word/document.xml': spaces });
    const lying = makeZip({ 'word/document.xml': spaces }, 1000);
    expect(honest.length).toBeLessThan(MEGABYTE);
    expect(await outcome(honest, 'a.docx')).toBe('too-large');
    expect(await outcome(lying, 'a.docx')).toMatch(/too-large|unreadable/);
  }, 60_000);
});
