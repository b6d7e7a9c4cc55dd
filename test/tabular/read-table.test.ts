import { describe, expect, it } from 'vitest';
import iconv from 'iconv-lite';
import { TabularError, type ReadingChoices } from '../../src/contracts/tabular.js';
import { predictTable } from '../../src/tabular/model/predict-table.js';
import { CategoryCodes } from '../../src/tabular/features/category-codes.js';
import { Predictor } from '../../src/tabular/model/predict.js';
import { profileTable } from '../../src/tabular/read/profile-table.js';
import { isPersonKey } from '../../src/tabular/read/column-names.js';
import { areValues } from '../../src/tabular/read/table-header.js';
import { readNumber } from '../../src/tabular/read/number-format.js';
import { readDate } from '../../src/tabular/read/date-format.js';
import { ordersCsv, trained } from './sample-tables.js';

/** Splits the bytes into pieces as small as a network may deliver. */
function pieces(bytes: Uint8Array, size = 1000): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

const profile = (text: string, choices?: ReadingChoices) => profileTable(pieces(Buffer.from(text)), choices);

async function typesOf(text: string, choices?: ReadingChoices): Promise<Record<string, string>> {
  const { columns } = await profile(text, choices);
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

describe('a table', () => {
  it('from an Indonesian spreadsheet is understood, and each decision is shown', async () => {
    const { rows, columns, format, targetCandidates } = await profile(`\uFEFFsep=;\r\n${ordersCsv(200)}`);
    expect([rows, format]).toEqual([200, { encoding: 'utf-8', delimiter: ';' }]);
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['Kode Order', 'id'],
      ['Tanggal', 'date'],
      ['Kota', 'category'],
      ['Total', 'number'],
      ['Anggota', 'boolean'],
      ['Berat', 'number'],
      ['Hasil', 'category'],
      ['Skor', 'number'],
    ]);
    const [, date, , total, member, weight] = columns;
    expect(date?.format).toEqual({ dateOrder: 'day-first', hasTime: false, isDecisive: true });
    expect(total?.format).toEqual({ decimal: ',', currency: 'Rp', isDecisive: true });
    expect(total?.min).toBeGreaterThanOrEqual(50_000);
    expect(weight?.max).toBeLessThanOrEqual(5);
    expect(member?.missing).toBeGreaterThan(0);
    expect(targetCandidates).toContain('Hasil');
  });

  it('depends on no decimal mark or order of dates if every one would read the same', async () => {
    const { columns } = await profile('a,b,c\n1,Jan 31 2024,0.5\n2,"Feb 3, 2024",1.5\n');
    expect(columns.map(({ format }) => format?.isDecisive ?? false)).toEqual([false, false, true]);
  });

  it.each([
    ['Guest ID', true],
    ['kode_karyawan', true],
    ['NIS murid', true],
    ['Guest rating', false],
    ['Room number', false],
  ])('has a column whose rows may belong to one person: %s', (name, isKey) => {
    expect(isPersonKey(name)).toBe(isKey);
  });

  it('has yes and no in all their words, also as what is predicted', async () => {
    const words = ['ya', 'TIDAK', 'Ya', 'tdk', 'iya'];
    const lines = Array.from(
      { length: 50 },
      (_, row) => `${words[row % 5] ?? ''},${'YNT'[row % 3] ?? ''},${row}`,
    );
    const table = ['lunas,nilai,total', ...lines].join('\n');
    expect(await typesOf(table)).toMatchObject({ lunas: 'boolean', nilai: 'category' });
    const { model } = await trained(table, { target: 'lunas', features: ['nilai', 'total'] });
    expect(model.classes).toEqual(['TIDAK', 'ya']);
  });

  it.each([
    [['12', 'Solo', '3.5'], true],
    [['2024-01-05', 'Solo'], true],
    [['7', 'Solo', '7 (2)'], true],
    [['Kota', '2023', '2024'], false],
    [['Nama', '1', '2', '3'], false],
    [['Jan 2024', 'Total'], false],
  ])('without names of columns is noticed: %j', (names, isNoticed) => {
    expect(areValues(names)).toBe(isNoticed);
  });

  it('has "none" as a category, and as a missing value among numbers', async () => {
    const lines = Array.from({ length: 40 }, (_, row) =>
      [row, row % 4 ? 'full' : 'none', row % 5 ? 'ada' : 'Kosong', row % 4 ? `${row}.5` : 'none'].join(','),
    );
    const { columns } = await profile(['NIS murid,insurance,stok,fee', ...lines].join('\n'));
    expect(columns.map(({ type, distinct, missing }) => [type, distinct, missing])).toEqual([
      ['id', 40, 0],
      ['category', 2, 0],
      ['category', 2, 0],
      ['number', 30, 10],
    ]);
    expect(columns[2]?.top).toEqual([
      { value: 'ada', count: 32 },
      { value: 'Kosong', count: 8 },
    ]);
  });

  it('is found below a report title, without blank lines, totals and empty columns', async () => {
    const line = (row: number): string => `${(row % 28) + 1}/${(row % 12) + 1}/2025;1.${100 + row},50;Solo;;`;
    const rows = Array.from({ length: 30 }, (_, row) => line(row)).join('\r\n\r\n');
    const report = [
      'Laporan, Januari 2025;;;;',
      '"Periode: 1 Jan; 31 Jan";;;;',
      '',
      'Senin;Total;Kota;;',
      rows,
      ';;;;',
      'Grand Total;33.450,00;;;',
    ].join('\r\n');
    const read = await profile(report);
    expect([read.rows, read.format]).toEqual([
      30,
      { encoding: 'utf-8', delimiter: ';', titleRows: 3, totalRows: 1 },
    ]);
    expect(read.columns.map(({ name, type, missing }) => [name, type, missing])).toEqual([
      ['Senin', 'date', 0],
      ['Total', 'number', 0],
      ['Kota', 'category', 0],
    ]);
    const corrected = await profile(report, { titleRows: 1 });
    expect(corrected.columns.map(({ name }) => name)[0]).toBe('Periode: 1 Jan; 31 Jan');
    // A row in the middle counts as a row whatever its name, and a broken row is numbered as in a
    // spreadsheet.
    const middle = await profile('what;n;x\nTotal;1;\nbread;2;y\ncake;3;z\n');
    expect([middle.rows, middle.format]).toEqual([3, { encoding: 'utf-8', delimiter: ';' }]);
    await expect(profile('Report\na;b;c\n1;2;3\n1;2\n')).rejects.toMatchObject({ options: { row: 4 } });
    await expect(profile('a;b;c\n1;2\n1;2\n')).rejects.toMatchObject({ kind: 'invalid-csv' });
  });

  it('with a merged two-line header gets names from both lines', async () => {
    const rows = ['Ana,Solo,"March 3, 2026","1,250.00",Yes', 'Budi,Bali,"May 14th, 2026","2,500.00",no'];
    const merged = ['Customer,,Order,,Returned', 'Name,City,Date,Amount,', ...rows, ...rows].join('\n');
    const read = await profile(merged);
    expect([read.rows, read.columns.map(({ name, type }) => [name, type])]).toEqual([
      4,
      [
        ['Customer Name', 'category'],
        ['Customer City', 'category'],
        ['Order Date', 'date'],
        ['Order Amount', 'number'],
        ['Returned', 'boolean'],
      ],
    ]);
    // A column without a name is not a merged cell.
    const plain = await profile('Name,,Amount\nAna,,1\nBudi,x,2\n');
    expect([plain.rows, plain.columns.map(({ name }) => name)]).toEqual([2, ['Name', 'Column 2', 'Amount']]);
  });

  it('with more distinct values than can be kept is learned from by its frequent ones', () => {
    const codes = new CategoryCodes(200);
    const given = Array.from({ length: 30_000 }, (_, row) => {
      const name = row % 3 === 0 ? `regular customer ${(row / 3) % 40}` : `customer ${row}, who came once`;
      return { name, code: codes.codeOf(name) };
    });
    const { categories, placeOf } = codes.finish();
    expect(categories).toHaveLength(40);
    const known = given.filter(({ name, code }) => categories[placeOf[code] ?? -1] === name);
    expect(known.every(({ name }) => name.startsWith('regular'))).toBe(true);
    expect(known.length).toBeGreaterThan(9_900);
  });

  it('whose columns are named like properties of every object is read, corrected and learned like any other', async () => {
    const line = (row: number): string => `${row % 7},${(row * 5) % 11},${row % 7 > 3 ? 'y' : 'n'}`;
    const body = Array.from({ length: 80 }, (_, row) => line(row)).join('\n');
    const [odd, plain] = await Promise.all(
      ['__proto__,constructor,toString', 'a,b,c'].map(async (header) => {
        const csv = `${header}\n${body}`;
        const [first = '', second = '', target = ''] = header.split(',');
        const types = JSON.parse(`{"${first}":"category"}`) as Record<string, 'category'>;
        const row = (value: number) =>
          JSON.parse(`{"${first}":${value},"${second}":3}`) as Record<string, number>;
        const { model } = await trained(csv, { target });
        return {
          types: Object.values(await typesOf(csv, { types })),
          other: Object.values(await typesOf(csv, { types: {} })),
          predicted: new Predictor(model).predictRows([row(0), row(6)]),
        };
      }),
    );
    expect(odd).toEqual(plain);
    expect(odd?.types).toEqual(['category', 'number', 'boolean']);
  });

  it('recognises yes and no in any capitalisation, and learns them as two classes', async () => {
    const said = ['Ya', 'tidak', 'ya', 'Tidak', 'YA'];
    const lines = Array.from({ length: 60 }, (_, row) => `${(row * 7) % 11},${said[row % 5] ?? ''}`);
    const csv = ['total,balik', ...lines].join('\n');
    expect((await profile(csv)).columns.map(({ type }) => type)).toEqual(['number', 'boolean']);
    const { model } = await trained(csv, { target: 'balik' });
    expect(model.classes).toEqual(['tidak', 'Ya']);
    const { outcome, results: predicted } = await predictTable(model, pieces(Buffer.from(csv)), {
      choices: {},
    });
    const right = predicted.predictions.filter(
      (prediction, row) => String(prediction).toLowerCase() === said[row % 5]?.toLowerCase(),
    );
    expect(outcome).toEqual({ type: 'classes', rows: 60, right: right.length / 60 });
  });

  it('has its personal, code and text columns recognised', async () => {
    const rows = Array.from({ length: 40 }, (_, index) =>
      [
        `Budi ${index}`,
        `b${index}@toko.id`,
        `0812345678${index}`,
        `00${index % 7}`,
        `kirim paket nomor ${index} ke rumah`,
        index % 3,
      ].join(','),
    );
    const { columns } = await profile(['Nama,Kontak,HP,Rak,Pesan,Bintang', ...rows].join('\n'));
    expect(columns.filter(({ personal }) => personal).map(({ name }) => name)).toEqual([
      'Nama',
      'Kontak',
      'HP',
    ]);
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({ Rak: 'category', Pesan: 'text', Bintang: 'number' });
  });

  it('may use any common encoding, and a wrong guess can be corrected', async () => {
    const text = 'Stadt,Größe\nKöln,1\nÄnderung,2\n';
    for (const encoding of ['utf-8', 'utf-16le', 'windows-1252']) {
      const { columns } = await profileTable(
        pieces(iconv.encode(text, encoding, { addBOM: encoding === 'utf-16le' }), 7),
      );
      expect([encoding, columns[1]?.name, columns[0]?.top?.length]).toEqual([encoding, 'Größe', 2]);
    }
    const quoted = iconv.encode('“Café Maju”;1\nKota;Lama\nKafé;2\n“Baru”;3\n', 'windows-1252');
    expect((await profileTable(pieces(quoted, 7))).format.encoding).toBe('windows-1252');
    const line = 'Bu sipariş için müşteri adı ve adresi gerekli değildir ve bir gün içinde gönderilir';
    const turkish = iconv.encode(`ad;n\n${`${line};1\n`.repeat(20)}`, 'windows-1254');
    expect((await profileTable([turkish])).columns[0]?.top?.[0]?.value).toBe(line);
    const late = Buffer.concat([
      Buffer.from(`a,b\n${'x,1\n'.repeat(50_000)}`),
      iconv.encode('é,2\n', 'windows-1252'),
    ]);
    const { columns } = await profileTable(pieces(late, 65_536));
    expect(columns[0]?.top?.map(({ value }) => value)).toEqual(['x', 'é']);
    const csv = 'plz,n\n01234,"1.234"\n04567,"5.678"\n';
    expect((await profile(csv)).columns[1]?.max).toBe(5.678);
    expect((await profile(csv, { decimal: ',' })).columns[1]?.max).toBe(5678);
    expect(await typesOf(csv, { types: { n: 'category' } })).toMatchObject({ n: 'category' });
  });

  it('keeps columns with equal or missing names apart', async () => {
    const { columns } = await profile('a,a,,a\n1,2,3,4\n');
    expect(columns.map(({ name }) => name)).toEqual(['a', 'a (2)', 'Column 3', 'a (3)']);
  });

  it('with many different values is counted correctly without storing them', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `${index * 7.5}`);
    const { columns } = await profile(['n', ...rows].join('\n'));
    expect(columns[0]).toMatchObject({ type: 'number', min: 0, max: 59_999 * 7.5, missing: 0 });
    expect(Math.abs((columns[0]?.distinct ?? 0) / 60_000 - 1)).toBeLessThan(0.05);
  });
});

describe('a file that is not a table', () => {
  const refused = async (bytes: Uint8Array): Promise<unknown> => {
    try {
      return await profileTable(pieces(bytes));
    } catch (error) {
      return error instanceof TabularError ? [error.kind, error.message] : error;
    }
  };
  it.each([
    ['an empty file', Buffer.alloc(0), 'empty', /empty/],
    ['a header alone', Buffer.from('a,b\n'), 'empty', /no rows/],
    ['a ZIP', Buffer.from('PK\u0003\u0004 more'), 'not-a-table', /Excel/],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 37) % 32)),
      'not-a-table',
      /not text/,
    ],
    ['a broken quote', Buffer.from('a,b\n1,2\n"x,3\n4,5\n'), 'invalid-csv', /Row 3/],
    ['a ragged row', Buffer.from('a,b\n1,2\n1,2,3\n'), 'invalid-csv', /Row 3/],
    ['10,000 columns', Buffer.from(`${'a,'.repeat(10_000)}a\n`), 'too-large', /10001 columns/],
  ])('is refused with the reason: %s', async (_what, bytes, kind, reason) => {
    expect(await refused(bytes)).toEqual([kind, expect.stringMatching(reason)]);
  });
});

describe('a cell', () => {
  it.each([
    ['1,234.50', 1234.5, Number.NaN],
    ['1.234,50', Number.NaN, 1234.5],
    ['1.234', 1.234, 1234],
    ['-1234.500', -1234.5, Number.NaN],
    ['-012.500', -12.5, -12_500],
    ['Rp 25.000,-', 25, 25_000],
    ['(1,000)', -1000, -1],
    ['-$5', -5, -5],
    ['12 %', 12, 12],
    ['1 234 567', 1_234_567, 1_234_567],
    ['1e3', 1000, 1000],
    ['85rb', 85_000, 85_000],
    ['Rp 1,2 jt', Number.NaN, 1_200_000],
    ['12-34', Number.NaN, Number.NaN],
    ['1.2.3', Number.NaN, Number.NaN],
    ['=1+1', Number.NaN, Number.NaN],
  ])('%s is a number as its column writes numbers', (cell, point, comma) => {
    const reading = readNumber(cell);
    expect([reading.point, reading.comma]).toEqual([point, comma]);
  });

  it.each([
    ['2024-02-29', '2024-02-29'],
    ['29/02/2024', '2024-02-29'],
    ['5 Agustus 2024', '2024-08-05'],
    ['Dec 5, 2024', '2024-12-05'],
    ['April 1st, 2024', '2024-04-01'],
    ['Agu 2024', '2024-08-01'],
    ['31/02/2024', undefined],
    ['2024-02-29 23:59', '2024-02-29'],
    ['29/02/2024 12:30 am', '2024-02-29'],
    ['2024-02-29 24:00', '2024-03-01'],
    ['2024-02-29 25:70', undefined],
    ['29/02/2024 10:60', undefined],
    ['5 Agustus 2024 10:15:75', undefined],
    ['Dec 5, 2024 13:45 am', undefined],
    ['2024', undefined],
  ])('%s is the date that people mean', (cell, iso) => {
    const days = readDate(cell).dayFirst;
    expect(Number.isNaN(days) ? undefined : new Date(days * 86_400_000).toISOString().slice(0, 10)).toBe(iso);
  });

  it('with an impossible time tells nothing about the column, not even that it has times', () => {
    expect(readDate('03/04/2024 25:70')).toEqual({
      dayFirst: Number.NaN,
      monthFirst: Number.NaN,
      hasTime: false,
    });
  });
});
