import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyOutgoingPolicy, outgoingPolicy } from '../../../src/conversation/outgoing/outgoing-policy.js';
import { OutgoingStream } from '../../../src/conversation/outgoing/outgoing-stream.js';

const KNOWLEDGE = `Katalog: https://toko.id/katalog?page=2 atau www.batik-sapa.com.
Tulis ke halo@sapa.example, Instagram @sapa_batik. Server kami 10.1.2.3.`;
const REMOVED = '[link removed]';
const policy = outgoingPolicy(KNOWLEDGE, ['Forms.GLE'], REMOVED);
const leave = (text: string): string => applyOutgoingPolicy(text, policy);

/** The text reduced to letters, digits, dots, @ and word joiners. */
const bones = (text: string): string => text.normalize('NFKC').replace(/[^\p{L}\p{N}.@\u2060]/gu, '');

const FOREIGN_LINKS: readonly string[] = [
  'https://evil.com',
  'HTTPS://EVIL.COM/A?b=c',
  'http://evil.com:8080/x',
  '[klik](https://evil.com/a)',
  '[klik](<https://evil.com/a>)',
  '[klik](evil.com/a "judul")',
  '![foto](https://evil.com/p.png?q=rahasia)',
  '![foto](//evil.com/p.png)',
  '[a]: https://evil.com/x',
  '[a]: //evil.com/x',
  '<https://evil.com/x>',
  '<a href="https://evil.com">x</a>',
  'evil.com',
  'evil.com.',
  'evil.com/bayar',
  'sub.evil.co.id',
  '(evil.com)',
  '"evil.com"',
  'Evil.COM',
  'evil.xyz',
  'evil.zip',
  'www.evil.travel',
  'www.evil',
  'my_evil.com',
  '//evil.com/x',
  'https:evil.com',
  'https:/evil.com',
  'https:\\\\evil.com',
  'https:///evil.com',
  'hxxp://evil.com',
  'ftp://evil.com/x',
  'ev\u200bil.com',
  'evil\u200d.com',
  'evil.\u2060com',
  'evil.\ufeffcom',
  'evil\u00ad.com',
  'evil.\u{e0063}com',
  '\u202eevil.com',
  'https://\u200bevil.com',
  'evil&#46;com',
  'evil&#x2e;com',
  'evil&period;com',
  'https&colon;//evil.com',
  '[x](https&#58;//evil&#46;com)',
  'evil\\.com',
  'evil.**com**',
  'evil**.**com',
  'evil._com_',
  '~~evil~~.com',
  'evil\u3002com',
  'evil\uff0ecom',
  '\uff45\uff56\uff49\uff4c.com',
  'xn--80ak6aa92e.com',
  '\u0430\u0440\u0440\u04cf\u0435.com',
  'https://\u0430\u0440\u0440\u04cf\u0435.com/',
  'evil.xn--p1ai',
  'https://toko.id@evil.com/x',
  'https://toko.id:x@evil.com',
  'https://toko.id\\@evil.com',
  'https://toko.id.evil.com',
  'https://eviltoko.id',
  'https://rahasia.toko.id',
  'toko.id@evil.com',
  'bantuan@evil.com',
  'mailto:bantuan@evil.com?subject=x',
  'http://127.0.0.1/x',
  'http://[::1]:80/x',
  'http://2130706433/',
  'http://0x7f.1/',
  '192.168.1.1/admin',
  '192.168.1.1:8080',
  'javascript:alert(1)',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert`1`)',
  '[x](vbscript:x)',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  'data:image/svg+xml,%3Csvg',
  'file:///etc/passwd',
  'tg://user?id=1',
  '@evil.com',
  'baca,evil.com,ya',
  'evil.com\u00a0ya',
  '[klik di sini ya](https://evil.com/a "judul")',
  'evil.com/d?x=rahasia',
];

const MENTIONS: readonly string[] = [
  '@everyone',
  '@here',
  'x@everyone',
  '@\u200beveryone',
  '\uff20everyone',
  '\\@everyone',
  '&#64;everyone',
  '@&#101;veryone',
  '<@123456789>',
  '<@!123456789>',
  '<@&123456789>',
  '@budi_santoso',
  '(@budi)',
  '**@budi**',
];

const PROSE: readonly string[] = [
  'Harganya Rp75.000, ongkir Rp 12.500.',
  'Alamat: Jl. Malioboro No.12, Yogyakarta.',
  'Terima kasih sudah menghubungi kami.Untuk pesanan, tulis nama a.n. Budi.',
  'Buka 09.00-17.00, Minggu 10.00–15.00 (tgl. 01.02.2025).',
  'Ukuran 2.5 x 1,15 m; versi 1.2.3; dll.dan lain-lain.',
  'Hi! We open at 9 a.m. and close at 5 p.m., e.g. on Mondays. Call +62 274 555-012.',
  'U.S. orders ship via J.N.E. within 3.5 days...really!',
  'Pilih salah satu: 1.kemeja 2.celana 3.rok',
  'Diskon 10%.Syarat: min.belanja 2pcs/orang **total** _hari ini_ `SKU-12` [1].',
  'Jam: 08:00. Data: lengkap. File: ada. Script: tidak. Protokol http: aman.',
  '- **Kain**: Rp150.000 [1]\n- *Kemeja*: Rp250.000 [2]\n\n> R&D & Co\n\n| a | b |\n|---|---|',
  '👩‍👩‍👧 1️⃣ ❤️ 🇮🇩 ok 👍🏽',
  'हिन्दी क्‍ष 東京都。ありがとう。日本語です。',
  'Tulis ke halo@sapa.example atau Halo@Sapa.example; Instagram @sapa_batik.',
  'Lihat https://toko.id/katalog?page=2, toko.id, https://www.toko.id/katalog. (www.batik-sapa.com)!',
  '**https://toko.id** dan [katalog](https://toko.id/katalog "x")[1], https://toko.id[1]; https://forms.gle/abc.',
  'Server 10.1.2.3 dan http://10.1.2.3/',
];

describe('a link that does not occur in the knowledge base', () => {
  it.each(FOREIGN_LINKS)('is removed: %j', (link) => {
    for (const text of [link, `Silakan buka ${link} sekarang`, `baris\n${link}\nbaris`]) {
      const left = leave(text);
      expect(left).toContain(REMOVED);
      const after = bones(left).toLowerCase();
      expect(after).not.toMatch(/evil\.(com|co|xyz|zip|travel)|javascript|аррӏе\.com|0x7f|2130706433/u);
    }
  });

  it('is kept as text if it could be two sentences, but is made unclickable', () => {
    for (const text of ['evil.me', 'kami.ga', 'noted.Best', '192.168.1.1']) {
      const left = leave(text);
      expect(left.replace('\u2060', '')).toBe(text);
      expect(left).toContain('.\u2060');
    }
    expect(leave('evil.me/x')).toBe(`${REMOVED}`);
  });

  it('is removed alone, and allowed links beside it stay', () => {
    expect(leave('(https://toko.id) [a](https://evil.com) b')).toBe(`(https://toko.id) a ${REMOVED} b`);
    expect(leave('Buka https://evil.com, lalu bayar.')).toBe(`Buka ${REMOVED}, lalu bayar.`);
  });
});

describe('a link to a known host', () => {
  it.each([
    ['is removed if its page is unknown', 'https://toko.id/rahasia/4111-1111', REMOVED],
    ['is removed if its page only resembles a known one', 'https://toko.id/katalog2', REMOVED],
    ['is removed if its port differs', 'https://toko.id:8443/katalog', REMOVED],
    ['is kept as it was written', 'https://toko.id/katalog?page=2', 'https://toko.id/katalog?page=2'],
    ['is kept if it leads to the home page', 'https://toko.id/', 'https://toko.id/'],
    ['loses a query of its own', 'https://toko.id/katalog?q=rahasia', 'https://toko.id/katalog'],
    ['loses a fragment of its own', 'https://toko.id/katalog#rahasia', 'https://toko.id/katalog'],
    [
      'is kept with any page if its host is on the allow-list',
      'https://forms.gle/abc/d',
      'https://forms.gle/abc/d',
    ],
    [
      'loses its query even if its host is on the allow-list',
      'https://forms.gle/abc?x=rahasia',
      'https://forms.gle/abc',
    ],
    [
      'loses its query inside a Markdown link',
      '[katalog](https://toko.id/katalog?q=rahasia)',
      '[katalog](https://toko.id/katalog)',
    ],
    ['is removed from a picture', '![foto](https://toko.id/x.png?q=rahasia)', `foto ${REMOVED}`],
    ['is removed if its query is escaped', 'https://toko.id/katalog&#63;q=rahasia', REMOVED],
  ])('%s', (_name, input, left) => {
    expect(leave(`Buka ${input} ya`)).toBe(`Buka ${left} ya`);
  });

  it('keeps its label when it is removed', () => {
    expect(leave('Lihat [katalog baru kami](https://evil.com/a), ya')).toBe(
      `Lihat katalog baru kami ${REMOVED}, ya`,
    );
    expect(leave('**[katalog](https://evil.com)**')).toBe(`**katalog ${REMOVED}**`);
  });
});

describe('text that looks like a host', () => {
  it.each(['M.Shop', 'Kopi M.Shop ya', 'Toko.Bagus'])('stays readable if it is a name: %s', (text) => {
    expect(leave(text).replace('\u2060', '')).toBe(text);
  });

  it.each([
    'jahat.example/d?x=rahasia',
    'jahat.example?x=rahasia',
    '[a](jahat.example/d?x=1)',
    'toko.test/#t=rahasia',
  ])('is removed if it carries data, whatever its ending: %s', (text) => {
    expect(leave(text)).toContain(REMOVED);
    expect(leave(text)).not.toMatch(/rahasia|jahat/);
  });

  it.each(['no.urut/tahun', 'kg.ongkos/hari'])('stays readable if its ending does not exist: %s', (text) => {
    expect(leave(text).replace('\u2060', '')).toBe(text);
  });
});

describe('a mention by the model', () => {
  it.each(MENTIONS)('pings nobody: %j', (mention) => {
    const left = leave(`Halo ${mention} semua`);
    expect(bones(left)).not.toMatch(/@[\p{L}\p{N}]/u);
    expect(left).not.toMatch(/<@[!&]?\d/);
  });
});

it.each(PROSE)('ordinary text is left unchanged: %j', (text) => {
  expect(leave(text)).toBe(text);
});

describe('a streamed answer', () => {
  const streamed = (pieces: readonly string[]): string => {
    const stream = new OutgoingStream(leave);
    return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
  };

  it('equals the unstreamed one, wherever it is cut', () => {
    for (const part of [...FOREIGN_LINKS, ...MENTIONS, ...PROSE]) {
      const text = `Halo, ${part} ya\n${part}`;
      const whole = leave(text);
      for (let at = 0; at <= text.length; at += 1) {
        expect(streamed([text.slice(0, at), text.slice(at)])).toBe(whole);
      }
      expect(streamed(text.split(''))).toBe(whole);
    }
  });

  it('never shows a link that is missing from the whole answer, for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...FOREIGN_LINKS, ...MENTIONS, ...PROSE),
      fc.constantFrom(' ', '\n', '\t', '\u00a0', '\ufeff', '\u000b', '\u200b', '.', '@', '/', '\\', '&', '*'),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        expect(streamed(pieces)).toBe(leave(pieces.join('')));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the outgoing policy', () => {
  it('removes nothing more when applied a second time', () => {
    const words = fc.array(fc.constantFrom(...FOREIGN_LINKS, ...MENTIONS, ...PROSE), { maxLength: 5 });
    const separators = fc.constantFrom(' ', '\n', ', ');
    fc.assert(
      fc.property(words, separators, (parts, separator) => {
        const once = leave(parts.join(separator));
        expect(leave(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it('removes a forbidden host whatever punctuation surrounds it', () => {
    const sign = fc.constantFrom(...'()[]{}<>"\'`*_~|,;:!?#%^+=-/\\&\u200b\u200d\u2060\u00ad'.split(''));
    const around = fc.array(sign, { maxLength: 4 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(around, around, (before, after) => {
        const left = leave(`${before}https://evil.com${after}`);
        expect(bones(left).toLowerCase()).not.toContain('evil.com');
      }),
      { numRuns: 2_000 },
    );
  });

  it('handles very long repetitive input without getting stuck', { timeout: 60_000 }, () => {
    for (const unit of [
      'a',
      'a.',
      '@',
      '@a',
      '&',
      '&#46;',
      '*a',
      '[',
      '](',
      'http:',
      'a@',
      '\\',
      'a-',
      '1.',
      '://',
    ]) {
      expect(leave(unit.repeat(Math.floor(200_000 / unit.length))).length).toBeGreaterThan(0);
    }
  });
});
