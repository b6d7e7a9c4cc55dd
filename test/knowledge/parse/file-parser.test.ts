import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import { createFileParser } from '../../../src/knowledge/index.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import type { ParsedDocument } from '../../../src/knowledge/parse/parsed-document.js';
import { publicData } from '../public-data.js';
import { assemble, makePdf, stream } from './make-pdf.js';

const parser = createFileParser();
const MEGABYTE = 1024 * 1024;

const parse = (content: string | Uint8Array, fileName: string): Promise<ParsedDocument> =>
  parser.parseFile(typeof content === 'string' ? Buffer.from(content) : content, fileName);

const outcome = (content: string | Uint8Array, fileName: string, from = parser): Promise<string> =>
  from.parseFile(typeof content === 'string' ? Buffer.from(content) : content, fileName).then(
    (document) => document.kind,
    (error: unknown) => (error instanceof KnowledgeError ? error.kind : `not typed: ${String(error)}`),
  );

describe('an uploaded file', () => {
  it('is identified by its content, and its name only distinguishes kinds of text', async () => {
    const text = 'Toko kami buka setiap hari dari jam delapan pagi.';
    expect(await outcome(text, 'jam.txt')).toBe('text');
    expect(await outcome(text, 'jam.md')).toBe('markdown');
    expect(await outcome('a,b\n1,2\n', 'a.csv')).toBe('csv');
    expect(await outcome('a\tb\n1\t2\n', 'a.tsv')).toBe('tsv');
    expect(await outcome(makePdf([[{ text: 'Hello there', y: 700 }]]), 'really.csv')).toBe('pdf');
    expect(await outcome(text, 'really.pdf')).toBe('text');
  });

  it('can be read when node_modules is a link to another folder', { timeout: 60_000 }, async () => {
    const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'sapa-linked-')));
    try {
      await cp(join(projectRoot, 'dist/src'), join(elsewhere, 'dist/src'), { recursive: true });
      const data = 'src/knowledge/understanding';
      await cp(join(projectRoot, data), join(elsewhere, data), { recursive: true });
      await copyFile(join(projectRoot, 'package.json'), join(elsewhere, 'package.json'));
      await symlink(join(projectRoot, 'node_modules'), join(elsewhere, 'node_modules'));
      await writeFile(join(elsewhere, 'menu.pdf'), makePdf([[{ text: 'Tea costs five', y: 700 }]]));
      await writeFile(
        join(elsewhere, 'read.mjs'),
        `import { readFileSync } from 'node:fs';
         import { createFileParser } from './dist/src/knowledge/index.js';
         const bytes = readFileSync(new URL('menu.pdf', import.meta.url));
         console.log((await createFileParser().parseFile(bytes, 'menu.pdf')).kind);`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, [join(elsewhere, 'read.mjs')]);
      expect(stdout.trim()).toBe('pdf');
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('is refused with a reason if its type is unsupported', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex');
    const zip = Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(200)]);
    for (const [content, name] of [
      [png, 'picture.txt'],
      [zip, 'notes.md'],
      [Buffer.from('7f454c4602010100'.padEnd(400, '0'), 'hex'), 'program.csv'],
      [Buffer.alloc(5000), 'zeros.txt'],
      ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*', 'virus.txt'],
    ] as const) {
      expect([name, await outcome(content, name)]).toEqual([name, 'unsupported-type']);
    }
  });

  it('is reported to have no text if it is empty', async () => {
    for (const [content, name] of [
      ['', 'empty.txt'],
      [' \n\t\n ', 'blank.md'],
      ['a,b\n', 'header-only.csv'],
      [makePdf([[]]), 'scan.pdf'],
      ['<!DOCTYPE html><html><script>alert(1)</script></html>', 'page.txt'],
      // A page to a browser, but a PDF to a reader that searches further down for the header.
      [
        `<html><!--\n${Buffer.from(makePdf([[{ text: 'x', y: 1 }]])).toString('latin1')}--></html>`,
        'both.pdf',
      ],
    ] as const) {
      expect([name, await outcome(content, name)]).toEqual([name, 'no-text']);
    }
  });

  it('may use any common encoding', async () => {
    const text = 'Café Déjà Vu – “menu” seharga 25 €, dibuka setiap hari mulai pukul delapan pagi.';
    const encoded: Record<string, Buffer> = {
      utf8: Buffer.from(text),
      'utf8 with mark': Buffer.from(`\uFEFF${text}`),
      'utf16le with mark': iconv.encode(text, 'utf16le', { addBOM: true }),
      'utf16be with mark': iconv.encode(text, 'utf16be', { addBOM: true }),
      'utf16le without mark': iconv.encode(text, 'utf16le', { addBOM: false }),
      'windows-1252': iconv.encode(text, 'windows-1252'),
    };
    for (const [name, bytes] of Object.entries(encoded)) {
      const document = await parse(bytes, 'menu.txt');
      expect([name, document.sections[0]?.text]).toEqual([name, text]);
    }
  });

  it('is read as UTF-8 despite one stray byte or a truncated last character', async () => {
    const text = Buffer.from('Café Déjà Vu – “menu” buka setiap hari.');
    const stray = Buffer.concat([text.subarray(0, 10), Buffer.from([0xff]), text.subarray(10)]);
    const read = async (bytes: Uint8Array) => (await parse(bytes, 'menu.txt')).sections[0]?.text;
    expect(await read(stray)).toMatch(/^Café Déj.*\uFFFD.*Vu – “menu” buka/);
    expect(await read(Buffer.concat([text, Buffer.from([0xe2, 0x80])]))).toBe(`${text.toString()}\uFFFD`);
  });

  it('loses its control characters and nothing else', async () => {
    const { sections } = await parse(`one\u0000two\u001b[31m three${' plain'.repeat(100)}`, 'a.txt');
    expect(sections[0]?.text.startsWith('one two [31m three plain')).toBe(true);
  });
});

describe('a PDF', () => {
  it('becomes readable text: headings, pages, joined lines and table rows', async () => {
    const pdf = makePdf(
      [
        [
          { text: 'Refund policy', y: 780, size: 20 },
          { text: 'You can return any item within thirty days of the purchase, as long as it', y: 750 },
          { text: 'is unused and in its original box.', y: 736 },
          { text: 'Shipping', y: 700, size: 16 },
          { text: 'Jakarta', y: 680 },
          { text: '10.000', x: 300, y: 680 },
          { text: 'Bandung', y: 666 },
          { text: '15.000', x: 300, y: 666 },
        ],
        [
          { text: '2. Opening hours', y: 780 },
          { text: 'We are open every day from eight to five.', y: 760 },
        ],
      ],
      { title: 'Policies', outline: ['Refund policy', 'Shipping'] },
    );
    const document = await parse(pdf, 'policies.pdf');
    expect(document).toMatchObject({ kind: 'pdf', title: 'Policies', locale: 'en' });
    const [refund, shipping, hours] = document.sections;
    expect(refund).toEqual({
      headings: ['Refund policy'],
      page: 1,
      text: 'You can return any item within thirty days of the purchase, as long as it is unused and in its original box.',
    });
    expect([shipping?.headings, shipping?.page]).toEqual([['Shipping'], 1]);
    expect(shipping?.text).toMatch(/^Jakarta\W+10\.000\nBandung\W+15\.000$/);
    expect(hours).toEqual({
      headings: ['2. Opening hours'],
      page: 2,
      text: 'We are open every day from eight to five.',
    });
  });

  it('is reported as unreadable with the reason if it is encrypted or truncated', async () => {
    const encrypted = makePdf([[{ text: 'secret', y: 700 }]], { encrypted: true });
    await expect(parse(encrypted, 'a.pdf')).rejects.toThrow(/encrypted/);
    expect(await outcome(encrypted, 'a.pdf')).toBe('unreadable');
    expect(await outcome('%PDF-1.7\n%%EOF', 'cut.pdf')).toBe('unreadable');
  });
});

describe('the file parser', () => {
  const limits = { cpuMs: 5000, wallMs: 60_000, residentBytes: 300 * MEGABYTE };
  const strict = createFileParser(limits);

  /** The longest time the event loop of this process was blocked while `work` ran, in ms. */
  async function longestPause(work: Promise<unknown>): Promise<number> {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 5);
    await work;
    clearInterval(timer);
    return longest;
  }

  it('turns any content into text or a typed error and keeps running', async () => {
    const bombs: Record<string, readonly [string | Uint8Array, string, readonly string[]]> = {
      'a stream that unpacks to gigabytes': [streamBomb(), 'a.pdf', ['too-large', 'unreadable', 'no-text']],
      'a hundred thousand pages': [manyPages(100_000), 'a.pdf', ['too-large']],
      'a page tree as deep as it is long': [
        deepTree(20_000),
        'a.pdf',
        ['too-large', 'unreadable', 'no-text'],
      ],
      'a page tree that contains itself': [circularTree(), 'a.pdf', ['unreadable', 'no-text', 'too-large']],
      'fifty megabytes in one line': [Buffer.alloc(50 * MEGABYTE, 'a'), 'a.txt', ['too-large']],
      'more than is taken in': [Buffer.alloc(50 * MEGABYTE + 1, 'a'), 'a.txt', ['too-large']],
      'a quotation in a quotation, often': [Buffer.alloc(200_000, '>'), 'a.md', ['too-large', 'markdown']],
      'a field that never ends': [`a,b\n1,"${'x'.repeat(4 * MEGABYTE)}`, 'a.csv', ['invalid-csv']],
      'columns whose names are long': [wideTable(), 'a.csv', ['too-large']],
    };
    const pause = await longestPause(
      (async () => {
        for (const [what, [content, name, expected]] of Object.entries(bombs)) {
          expect([what, expected]).toEqual([
            what,
            expect.arrayContaining([await outcome(content, name, strict)]),
          ]);
        }
      })(),
    );
    expect(pause).toBeLessThan(2000);
  }, 240_000);

  const hostile = publicData('hostile/pdf');
  it.skipIf(!hostile)(
    'handles malformed PDFs from the wild in the same way',
    async () => {
      for (const name of await readdir(hostile ?? '')) {
        const kind = await outcome(await readFile(join(hostile ?? '', name)), name);
        expect([name, kind]).toEqual([name, expect.stringMatching(/^(pdf|unreadable|no-text|too-large)$/)]);
      }
    },
    120_000,
  );

  it('queues many files at once, and an aborted one makes room for the next', async () => {
    const controller = new AbortController();
    const bytes = Buffer.from('Some text that is read.');
    const work = Array.from({ length: 6 }, () => parser.parseFile(bytes, 'a.txt'));
    const givenUp = parser.parseFile(bytes, 'a.txt', controller.signal);
    controller.abort(new Error('given up'));
    await expect(givenUp).rejects.toThrow('given up');
    expect((await Promise.all(work)).map((document) => document.kind)).toEqual(Array(6).fill('text'));
    expect(await outcome('after', 'a.txt')).toBe('text');
  });

  it('leaves no process running when the work is done', async () => {
    await parse('Hello there', 'a.txt');
    await expect
      .poll(() => readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => ''), {
        timeout: 5000,
      })
      .toBe('');
  });
});

function streamBomb(): Uint8Array {
  // Compressed twice: half a gigabyte of spaces in a few kilobytes.
  const inner = deflateSync(Buffer.alloc(512 * MEGABYTE, ' '), { level: 9 });
  const twice = deflateSync(inner, { level: 9 }).toString('latin1');
  return onePage(
    `<< /Length ${twice.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n${twice}\nendstream`,
  );
}

function onePage(content: string): Uint8Array {
  return assemble(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>',
      content,
    ],
    '/Root 1 0 R',
  );
}

function manyPages(count: number): Uint8Array {
  const kids = Array.from({ length: count }, () => '3 0 R').join(' ');
  return assemble(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      `<< /Type /Pages /Count ${count} /Kids [${kids}] >>`,
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>',
      stream('BT ET'),
    ],
    '/Root 1 0 R',
  );
}

function deepTree(depth: number): Uint8Array {
  const nodes = Array.from(
    { length: depth },
    (_, index) => `<< /Type /Pages /Count 1 /Kids [${index + 3} 0 R] >>`,
  );
  return assemble(
    ['<< /Type /Catalog /Pages 2 0 R >>', ...nodes, '<< /Type /Page /MediaBox [0 0 100 100] >>'],
    '/Root 1 0 R',
  );
}

function circularTree(): Uint8Array {
  return assemble(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1000 /Kids [3 0 R] >>',
      '<< /Type /Pages /Count 1000 /Kids [2 0 R] >>',
    ],
    '/Root 1 0 R',
  );
}

/** Each row repeats the column names, so a small file would become a very large text. */
function wideTable(): string {
  const name = 'n'.repeat(10_000);
  return `${name},b\n${'1,2\n'.repeat(2000)}`;
}
