import { describe, expect, it } from 'vitest';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import { parseFaqCsv } from '../../../src/knowledge/faq/faq-csv.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): ReturnType<typeof parseFaqCsv> => parseFaqCsv(bytes(text), 'id');

function failure(input: Uint8Array): KnowledgeError {
  try {
    parseFaqCsv(input, 'id');
  } catch (error) {
    if (error instanceof KnowledgeError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('an FAQ import from CSV', () => {
  it('accepts columns in any order, extra columns and a byte order mark', () => {
    expect(
      parse('\ufeffLocale, Answer ,note,QUESTION\r\nen,"Yes, we do",x,Do you ship?\r\n,Bisa,,Bisa COD?\r\n'),
    ).toEqual([
      { question: 'Do you ship?', answer: 'Yes, we do', locale: 'en' },
      { question: 'Bisa COD?', answer: 'Bisa', locale: 'id' },
    ]);
  });

  it.each([';', '\t'])('accepts %j as the separator', (separator) => {
    const text = [
      ['question', 'answer'],
      ['Buka?', 'Ya, tiap hari'],
    ]
      .map((row) => row.join(separator))
      .join('\n');
    expect(parse(text)).toEqual([{ question: 'Buka?', answer: 'Ya, tiap hari', locale: 'id' }]);
  });

  it('keeps line breaks and quotes within an answer, and skips empty rows', () => {
    expect(parse('question,answer\n\nA?,"satu\n""dua"""\n,\n')).toEqual([
      { question: 'A?', answer: 'satu\n"dua"', locale: 'id' },
    ]);
  });

  it('reads files as spreadsheets write them', () => {
    const entry = { question: 'Laptop 14" ada?', answer: 'Ada', locale: 'id' };
    expect(parse('sep=;\nquestion;answer\nLaptop 14" ada?;Ada\n')).toEqual([entry]);
    expect(parse('\n\nquestion,answer\nLaptop 14" ada?,Ada\n')).toEqual([entry]);
    expect(parse('question;answer;"note, if any"\nLaptop 14" ada?;Ada;\n')).toEqual([entry]);
  });

  it.each([
    'jawaban,pertanyaan\nYa,Buka?\n',
    'No;Tanya;Jawab\n1;Buka?;Ya\n',
    'Q\tA\nBuka?\tYa\n',
    'pertanyaan pelanggan;"jawaban, singkat"\nBuka?;Ya\n',
    'answer, short;question;answer\nYa dong;Buka?;Ya\n',
    'tanya,jawab,bahasa\nBuka?,Ya,Indonesia\n',
  ])('recognises the column names that people use: %j', (text) => {
    expect(parse(text)).toEqual([{ question: 'Buka?', answer: 'Ya', locale: 'id' }]);
  });

  it('reads alternative phrasings of a question', () => {
    expect(parse('question,phrasings,answer\nBuka?,jam buka | sudah buka,Ya\nA?,,B\n')).toEqual([
      { question: 'Buka?', phrasings: ['jam buka', 'sudah buka'], answer: 'Ya', locale: 'id' },
      { question: 'A?', phrasings: [], answer: 'B', locale: 'id' },
    ]);
  });

  it('yields no entries for a header alone', () => {
    expect(parse('question,answer\n')).toEqual([]);
  });

  it.each([
    ['', 1],
    ['nama,isi\nA,B', 1],
    ['question,question,answer\nA,B,C', 1],
    ['question,answer\nA,B\n,C', 3],
    ['question,answer\nA,B\nC,', 3],
    ['question,answer\nA,B\nC', 3],
    ['question,answer\nA,B,C', 2],
    ['question,answer,locale\nA,B,en\nC,D,fr', 3],
    ['question,answer\nA,B\nC,"D', 3],
  ])('refuses %j as a whole and names row %i', (text, row) => {
    const error = failure(bytes(text));
    expect([error.kind, error.options.row]).toEqual(['invalid-csv', row]);
    if (text !== '') expect(error.message).toMatch(/header|Row \d+/);
  });

  it('refuses a file that is not text', () => {
    expect(failure(Uint8Array.of(0xff, 0xfe, 0x00, 0x80)).kind).toBe('invalid-csv');
  });

  it('refuses a file over a limit, and names the row if there is one', () => {
    expect(failure(new Uint8Array(5 * 1024 * 1024 + 1)).kind).toBe('too-large');
    expect(failure(bytes(`question,answer\n${'A,B\n'.repeat(10_001)}`)).kind).toBe('too-large');
    const long = failure(bytes(`question,answer\nA,B\n${'x'.repeat(501)},B`));
    expect([long.kind, long.options.row]).toEqual(['too-large', 3]);
    expect(parse(`question,answer\n${'A,B\n'.repeat(10_000)}`)).toHaveLength(10_000);
  });
});
