import { expect, it } from 'vitest';
import { readLine } from '../../src/conversation/commands/read-line.js';
import { predictCommand } from '../../src/tabular/commands/predict-command.js';
import { readValues } from '../../src/tabular/commands/read-values.js';

const COLUMNS = ['Unit Price', 'Pembeli Kota', 'Pengiriman Lama (hari)', 'Toko Nama', 'Pembeli Nama'];
const valuesOf = (text: string): Record<string, string> =>
  Object.fromEntries(readValues(text, COLUMNS).values);

it('values are read with decimal commas, quotes and either separator', () => {
  expect(valuesOf('"Lama (hari)"=9,5 unit_price="1 000"')).toEqual({
    'Pengiriman Lama (hari)': '9,5',
    'Unit Price': '1 000',
  });
  expect(valuesOf('unitprice: 12,50, kota: Solo')).toEqual({ 'Unit Price': '12,50', 'Pembeli Kota': 'Solo' });
  expect(valuesOf('unit_price=100,kota=Solo')).toEqual({ 'Unit Price': '100', 'Pembeli Kota': 'Solo' });
});

it('a part of a name stands for the only column that has it, and any other is named as unknown', () => {
  const { values, unknown } = readValues('kota=Solo nama=Budi warna=biru "pembeli nama"=Ani', COLUMNS);
  expect([...values]).toEqual([
    ['Pembeli Kota', 'Solo'],
    ['Pembeli Nama', 'Ani'],
  ]);
  expect(unknown).toEqual(['nama', 'warna']);
  expect(valuesOf('lama=3 price=7')).toEqual({ 'Pengiriman Lama (hari)': '3', 'Unit Price': '7' });
});

it('a column may have the name of an option', () => {
  const { values } = readLine(predictCommand.options, 'model=Avanza values=3 | prices');
  expect([...values]).toEqual([
    ['values', 'model=Avanza values=3'],
    ['model', 'prices'],
  ]);
});
