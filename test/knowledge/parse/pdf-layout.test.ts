import { describe, expect, it } from 'vitest';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import { PARSE_LIMITS } from '../../../src/knowledge/parse/parse-limits.js';
import { parsePdf } from '../../../src/knowledge/parse/parse-pdf.js';
import { assemble, makePdf, stream, type PdfLine } from './make-pdf.js';

async function textOf(...lines: readonly PdfLine[]): Promise<string> {
  const { sections } = await parsePdf(makePdf([lines]), PARSE_LIMITS);
  return sections.map(({ headings, text }) => [...headings, text].join('\n')).join('\n');
}

/** Table cells at the positions of their columns, drawn row by row; empty cells are not drawn. */
function table(columns: readonly number[], ...rows: readonly (readonly string[])[]): PdfLine[] {
  return rows.flatMap((row, at) =>
    row.flatMap((text, column) =>
      text === '' ? [] : [{ text, x: columns[column] ?? 72, y: 740 - at * 18 }],
    ),
  );
}

const prices = [
  ['Barang', 'Harga toko', 'Harga daring'],
  ['Katun polos', '95.000', '99.000'],
  ['Katun dobi', '', '120.000'],
  ['Sutra', '310.000', ''],
];
const READ = [
  'Barang: Katun polos; Harga toko: 95.000; Harga daring: 99.000',
  'Barang: Katun dobi; Harga toko: –; Harga daring: 120.000',
  'Barang: Sutra; Harga toko: 310.000; Harga daring: –',
];

describe('a table in a PDF', () => {
  it('is read by the positions of its cells, so that an empty cell stays empty', async () => {
    expect((await textOf(...table([72, 222, 372], ...prices))).split('\n')).toEqual(READ);
  });

  it('is read the same if drawn column by column or if its figures are right-aligned', async () => {
    const cells = table([72, 222, 372], ...prices);
    const byColumn = [72, 222, 372].flatMap((x) => cells.filter((cell) => cell.x === x));
    expect((await textOf(...byColumn)).split('\n')).toEqual(READ);
    const toTheRight = cells.map((cell) =>
      /^\d/.test(cell.text) ? { ...cell, x: (cell.x ?? 0) + 24 } : cell,
    );
    expect((await textOf(...toTheRight)).split('\n')).toEqual(READ);
  });

  it('joins a cell of two lines and keeps the text above and below apart', async () => {
    const text = await textOf(
      { text: 'Daftar harga kain', y: 780, size: 16 },
      ...table([72, 222, 372], ['Barang', 'Harga toko', 'Harga daring']),
      { text: 'Kain tenun', y: 710 },
      { text: '250.000', x: 222, y: 710 },
      { text: '260.000', x: 372, y: 710 },
      { text: 'motif rangrang', y: 698 },
      { text: 'Kain lurik', y: 674 },
      { text: '90.000', x: 222, y: 674 },
      { text: 'Harga belum termasuk ongkos kirim.', y: 620 },
    );
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      'Daftar harga kain',
      'Barang: Kain tenun motif rangrang; Harga toko: 250.000; Harga daring: 260.000',
      'Barang: Kain lurik; Harga toko: 90.000; Harga daring: –',
      'Harga belum termasuk ongkos kirim.',
    ]);
  });

  it('continues on the next page under the same column names', async () => {
    const [first, second] = [prices.slice(0, 2), prices.slice(2)].map((rows) =>
      table([72, 222, 372], ...rows),
    );
    const { sections } = await parsePdf(makePdf([first ?? [], second ?? []]), PARSE_LIMITS);
    expect(sections.map(({ text, page }) => [page, text])).toEqual([
      [1, READ[0]],
      [2, READ.slice(1).join('\n')],
    ]);
  });

  it('keeps its cells apart without column names, even with dot leaders', async () => {
    expect(await textOf(...table([72, 300], ['Jakarta', '10.000'], ['Bandung', '15.000']))).toBe(
      'Jakarta | 10.000\nBandung | 15.000',
    );
    expect(
      await textOf(
        { text: 'Nasi goreng .................. 25.000', y: 700 },
        { text: 'Soto ayam .................... 22.000', y: 684 },
      ),
    ).toBe('Nasi goreng | 25.000\nSoto ayam | 22.000');
  });

  it('is not made of two columns of running text', async () => {
    const left = [
      'Toko kami berdiri sejak tahun 1990 dan',
      'menjual kain dari seluruh Indonesia.',
      'Kami buka setiap hari kecuali Minggu.',
    ];
    const right = [
      'Pengiriman dilakukan setiap sore pada',
      'hari kerja dengan kurir pilihan Anda.',
      'Pesanan besar diantar sendiri oleh kami.',
    ];
    const lines = [left, right].flatMap((texts, column) =>
      texts.map((text, row) => ({ text, x: 72 + column * 240, y: 700 - row * 14 })),
    );
    const text = await textOf(...lines);
    expect(text.replace(/\s+/g, ' ')).toBe([...left, ...right].join(' '));
  });
});

describe('words hyphenated at the end of a line', () => {
  it('are joined again, and keep a hyphen of their own', async () => {
    const text = await textOf(
      { text: 'Setiap pelanggan dapat meminta pengem-', y: 700 },
      { text: 'balian dana dalam tujuh hari untuk baju-', y: 686 },
      { text: 'baju yang dibeli dengan nomor pesanan KW-', y: 672 },
      { text: '1042 atau lewat e-', y: 658 },
      { text: 'mail kepada toko di Jakarta-', y: 644 },
      { text: 'Selatan.', y: 630 },
    );
    expect(text).toBe(
      'Setiap pelanggan dapat meminta pengembalian dana dalam tujuh hari untuk baju-baju yang dibeli ' +
        'dengan nomor pesanan KW-1042 atau lewat e-mail kepada toko di Jakarta-Selatan.',
    );
  });
});

describe('a sentence that a page break interrupts', () => {
  const sectionsOf = async (
    ...pages: readonly (readonly string[])[]
  ): Promise<readonly (readonly [string, number | undefined])[]> => {
    const lines = pages.map((texts) => texts.map((text, index) => ({ text, y: 700 - index * 14 })));
    const { sections } = await parsePdf(makePdf(lines), { pages: 10, outputChars: 10_000 });
    return sections.map(({ text, page }) => [text, page] as const);
  };

  it('is read whole on the page where it begins', async () => {
    expect(
      await sectionsOf(
        ['Parcels above Rp 500.000 are insured. A parcel that has not arrived 14 days after its latest'],
        [
          'delivery date counts as lost: we send the order again, refund it, or keep the amount for your',
          'next order.',
          'Ask us before you send anything back.',
        ],
      ),
    ).toEqual([
      [
        'Parcels above Rp 500.000 are insured. A parcel that has not arrived 14 days after its latest delivery ' +
          'date counts as lost: we send the order again, refund it, or keep the amount for your next order.',
        1,
      ],
      ['Ask us before you send anything back.', 2],
    ]);
  });

  it('leaves short lines, lists and new sentences on their own page', async () => {
    const drinks = ['Everything that we keep in stock for guests is listed here.', 'kopi susu 15.000'];
    expect(await sectionsOf(drinks, ['teh manis 8.000'])).toContainEqual(['teh manis 8.000', 2]);
    const whole = 'We deliver within the city on every working day before five in the afternoon.';
    expect(await sectionsOf([whole], ['and never on Sundays.'])).toHaveLength(2);
  });
});

describe('text drawn twice to look bold', () => {
  it('is read once, whether doubled line by line or letter by letter', async () => {
    const bold = (text: string, y: number): PdfLine[] => [
      { text, y },
      { text, x: 72.4, y: y - 0.2 },
    ];
    expect(await textOf(...bold('Buka setiap hari pukul 08.00 sampai 17.00.', 700))).toBe(
      'Buka setiap hari pukul 08.00 sampai 17.00.',
    );
    // Widths of Helvetica at 11 points, because each letter is drawn twice before the next one.
    const widths: Readonly<Record<string, number>> = {
      P: 7.34,
      r: 3.66,
      o: 6.12,
      m: 9.16,
      a: 6.12,
      l: 2.44,
      ' ': 3.06,
    };
    let x = 72;
    const letters = [...'Promo lall aall'].flatMap((text): PdfLine[] => {
      const at = x;
      x += widths[text] ?? 6.12;
      return text === ' '
        ? []
        : [
            { text, x: at, y: 700 },
            { text, x: at + 0.3, y: 700 },
          ];
    });
    expect(await textOf(...letters)).toBe('Promo lall aall');
  });

  it('is distinguished from words that really occur twice', async () => {
    expect(await textOf({ text: 'hati hati, pelan pelan', y: 700 })).toBe('hati hati, pelan pelan');
    expect(await textOf({ text: '10.000', y: 700 }, { text: '10.000', x: 110, y: 700 })).toBe(
      '10.000 10.000',
    );
  });
});

/** A page with one embedded font whose codes map to these characters. */
function pdfInFont(codes: string): Uint8Array {
  const map = `/CIDInit /ProcSet findresource begin 12 dict begin begincmap
    1 begincodespacerange <00> <FF> endcodespacerange
    1 beginbfrange <20> <7E> <${codes}> endbfrange
    endcmap end end`;
  return assemble(
    [
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 32 /LastChar 126 /ToUnicode 5 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 1 0 R >> >> >>',
      stream('BT /F1 11 Tf 72 700 Td (Harga kain batik tulis 250.000 per lembar) Tj ET'),
      stream(map),
      '<< /Type /Catalog /Pages 2 0 R >>',
    ],
    '/Root 6 0 R',
  );
}

describe('an unreadable PDF', () => {
  async function refusal(bytes: Uint8Array): Promise<string> {
    const error: unknown = await parsePdf(bytes, PARSE_LIMITS).catch((caught: unknown) => caught);
    return error instanceof KnowledgeError ? `${error.kind}: ${error.message}` : 'read';
  }

  it('is refused with the reason if its font does not map glyphs to characters', async () => {
    expect(await refusal(pdfInFont('0020'))).toBe('read');
    expect(await refusal(pdfInFont('E020'))).toMatch(/^no-text: The fonts of the PDF/);
    expect(await refusal(pdfInFont('F020'))).toMatch(/^no-text: The fonts of the PDF/);
  });

  it('is reported as scanned if it contains only images', async () => {
    expect(await refusal(makePdf([[]]))).toMatch(/^no-text: .*scanned pictures/);
  });
});
