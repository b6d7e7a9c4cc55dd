import { describe, expect, it } from 'vitest';
import { ask, indexOf, saidTo } from './business.js';

/** A ceramics school: no trade that anything was tuned for. */
const STUDIO = {
  faq: [
    { question: 'Berapa biaya kelas putar?', answer: 'Rp350.000 per orang, tanah liat sudah termasuk.' },
    { question: 'Apakah boleh membawa anak?', answer: 'Boleh mulai umur 7 tahun, didampingi orang tua.' },
    { question: 'Kalau batal bagaimana?', answer: 'Batal sehari sebelumnya gratis, sesudahnya hangus.' },
    {
      question: 'Kapan hasilnya bisa diambil?',
      answer: 'Tiga minggu setelah kelas, karena dibakar dua kali.',
    },
    { question: 'Is parking available?', answer: 'Yes, behind the studio, free.', locale: 'en' as const },
    { question: 'Apakah buka kelas di Jakarta?', answer: 'Ya, setiap bulan di Kemang.' },
  ],
  documents: [
    {
      id: 'harga',
      title: 'Harga studio',
      isTable: true,
      text: 'Barang,Harga (Rp),Ukuran,Catatan\nTanah liat putih,45000,5 kg,\nTanah liat hitam,60000,5 kg,\nGlasir bening,85000,500 ml,\nSewa meja putar,30000,,per jam\nBakar biskuit,15000,,per kilo\n',
    },
    {
      id: 'aturan',
      title: 'Aturan studio',
      text: '# Aturan studio\n\n## Pakaian\n\nPakai baju yang boleh kotor dan ikat rambut panjang.\n\n## Terlambat\n\nKelas dimulai tepat waktu. Terlambat lebih dari 20 menit tidak bisa ikut dan dijadwalkan ulang sekali.\n\n## Kerusakan saat dibakar\n\nBarang yang pecah di tungku tidak diganti, tetapi Anda boleh membuat satu lagi tanpa bayar.\n',
    },
  ],
};

describe('the answer found for a question', () => {
  it('is given in the exact words of the business if it is sure', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'biaya kelas putar brp kak?'))).toContain('Rp350.000');
    expect(saidTo(ask(index, 'boleh bawa anak ga?'))).toContain('umur 7 tahun');
    expect(ask(index, 'KALAU BATAL BAGAIMANA')).toMatchObject({ type: 'sure', isSameQuestion: true });
  });

  it('is found for the one question in a long, polite message', async () => {
    const index = await indexOf(STUDIO);
    const story =
      'Selamat pagi kak, saya Sari dari Bekasi. Minggu depan sepupu saya ulang tahun dan dia suka sekali keramik. Apakah boleh membawa anak? Terima kasih banyak.';
    expect(saidTo(ask(index, story))).toContain('umur 7 tahun');
  });

  it('is not taken from a question that the rest of the message is not about', async () => {
    const index = await indexOf(STUDIO);
    const story =
      'Halo, vas saya kemarin pecah di tungku waktu dibakar, padahal untuk hadiah. Kalau begitu bagaimana?';
    expect(saidTo(ask(index, story))).not.toContain('Batal');
  });

  it('is given for each of two questions', async () => {
    const index = await indexOf(STUDIO);
    const said = saidTo(ask(index, 'Boleh membawa anak? Kalau kelas di Jakarta buka?'));
    expect(said).toContain('umur 7 tahun');
    expect(said).toContain('Kemang');
  });

  it('is found across languages', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'ada tempat parkir?'))).toContain('behind the studio');
  });

  it('is given once in the language of the question when the business says it in both', async () => {
    const pairs = [
      [
        'Berapa harga tiket harian?',
        'Rp120.000 per orang, sepatu sewa Rp25.000.',
        'How much is a day pass?',
        'Rp120,000 per person; rental shoes are Rp25,000.',
      ],
      [
        'Umur berapa anak boleh memanjat?',
        'Mulai umur 5 tahun, dengan orang dewasa.',
        'How old must children be to climb?',
        'From 5 years, with an adult.',
      ],
      [
        'Apakah pemula perlu kursus dulu?',
        'Ya, pengenalan 30 menit sebelum memanjat pertama kali.',
        'Do beginners need a course first?',
        'Yes, a 30 minute introduction before the first climb.',
      ],
      [
        'Bolehkah membawa tali sendiri?',
        'Boleh, setelah staf kami memeriksanya.',
        'May I bring my own rope?',
        'Yes, once our staff have checked it.',
      ],
      [
        'Apakah ada kamar mandi?',
        'Ada, dengan air hangat dan loker.',
        'Are there showers?',
        'Yes, with warm water and lockers.',
      ],
      [
        'Bagaimana cara membatalkan kelas?',
        'Lewat aplikasi sampai 24 jam sebelumnya.',
        'How do I cancel a class?',
        'In the app, up to 24 hours before.',
      ],
    ] as const;
    const index = await indexOf({
      faq: pairs.flatMap(([question, answer, english, inEnglish]) => [
        { question, answer },
        { question: english, answer: inEnglish, locale: 'en' as const },
      ]),
    });
    const messages = {
      id: [
        'tiket sehari brp kak',
        'anak 6 tahun boleh ikut manjat?',
        'saya pemula banget, harus les?',
        'kalau mau batal kelas gmn',
        'bisa mandi di sana? ada loker?',
      ],
      en: [
        'what does a day ticket cost',
        'my son is 6, may he climb',
        'never climbed before, is a course needed',
        'i want to cancel my class',
        'can I shower there',
      ],
    };
    for (const locale of ['id', 'en'] as const) {
      for (const message of messages[locale]) {
        const finding = ask(index, message, { locale });
        const answers =
          finding.type === 'sure'
            ? [finding.answer, ...finding.more]
            : finding.type === 'close'
              ? finding.choices
              : [];
        expect(
          answers.map((answer) => answer.locale),
          message,
        ).toEqual(answers.map(() => locale));
        expect(answers.length, message).toBeGreaterThan(0);
      }
    }
  });

  it('is a price if a price is asked for, and a duration if that is asked for', async () => {
    const index = await indexOf({
      faq: [{ question: 'Berapa lama cuci sepatu?', answer: 'Dua hari kerja.' }],
      documents: [
        {
          id: 'tarif',
          title: 'Tarif',
          isTable: true,
          text: 'Barang,Harga\nSepatu kulit,60000\nTas kain,45000\n',
        },
      ],
    });
    expect(saidTo(ask(index, 'cuci sepatu brp lama?'))).toContain('Dua hari');
    expect(saidTo(ask(index, 'sepatu kulit brp kak'))).toContain('60.000');
  });

  it('is never sure if an entry merely shares an incidental word with the message', async () => {
    const index = await indexOf({
      faq: [
        { question: 'Bisa ambil malam?', answer: 'Ada loker depan yang bisa dibuka 24 jam.' },
        { question: 'Melayani fotokopi?', answer: 'Tidak.' },
      ],
    });
    expect(ask(index, 'ada lowongan kerja?').type).not.toBe('sure');
  });

  it('covers both questions of one message', async () => {
    const index = await indexOf(STUDIO);
    const both = saidTo(ask(index, 'is parking available and biaya kelas putar berapa?'));
    expect(both).toContain('behind the studio');
    expect(both).toContain('Rp350.000');
    const one = saidTo(ask(index, 'boleh membawa anak dan neneknya?'));
    expect(one).toContain('umur 7 tahun');
    expect(one).not.toContain('Rp350.000');
  });

  it('is given for the bare name of a row or heading, without the row number', async () => {
    const index = await indexOf({
      documents: [
        {
          id: 'kebun',
          title: 'Bibit',
          isTable: true,
          text: 'No,Bibit,Harga (Rp)\n1,Mangga harum,40000\n2,Jeruk bali,35000\n3,Sawo,30000\n',
        },
        ...STUDIO.documents,
      ],
    });
    const row = saidTo(ask(index, 'Jeruk bali'));
    expect(row).toContain('35.000');
    expect(row).not.toContain('No:');
    expect(saidTo(ask(index, 'pakaian?'))).toContain('baju yang boleh kotor');
  });

  it('is offered as a question if it is only close', async () => {
    const index = await indexOf(STUDIO);
    const finding = ask(index, 'si kecil mau ikutan dong');
    expect(finding.type).toBe('close');
    expect(saidTo(finding)).toContain('Apakah boleh membawa anak?');
  });

  it('is not that of another city, nor of the opposite', async () => {
    const index = await indexOf(STUDIO);
    expect(ask(index, 'apakah buka kelas di Medan?').type).not.toBe('sure');
    expect(ask(index, 'apakah tutup kelas di Jakarta?').type).not.toBe('sure');
  });

  it('is never sure about another thing of the same kind', async () => {
    const index = await indexOf({
      faq: [
        { question: 'Ada kursus mobil matic?', answer: 'Ada, delapan pertemuan.' },
        { question: 'Kursus berapa lama?', answer: 'Dua minggu.' },
      ],
    });
    expect(ask(index, 'ada kursus motor matic?').type).not.toBe('sure');
    expect(ask(index, 'ada kursus mobil matic kak').type).toBe('sure');
  });

  it('is never sure if the business says nothing about it', async () => {
    const index = await indexOf(STUDIO);
    for (const question of ['siapa presiden Indonesia?', 'do you repair laptops?', 'jual sepatu lari?']) {
      expect(ask(index, question).type, question).not.toBe('sure');
    }
    expect(ask(await indexOf({}), 'halo').type).toBe('none');
  });

  it('is found by each of its phrasings', async () => {
    const [first] = STUDIO.faq;
    const plain = await indexOf({ faq: STUDIO.faq });
    const message = 'merogoh kocek utk muter tanah';
    expect(ask(plain, message).type).not.toBe('sure');
    const taught = await indexOf({
      faq: [
        { ...first, question: first?.question ?? '', answer: first?.answer ?? '', phrasings: [message] },
        ...STUDIO.faq.slice(1),
      ],
    });
    expect(saidTo(ask(taught, message))).toContain('Rp350.000');
  });

  it('is quoted from a document together with its surrounding text', async () => {
    const index = await indexOf(STUDIO);
    const finding = ask(index, 'kalo pecah pas dibakar diganti ga?');
    expect(saidTo(finding)).toContain('tanpa bayar');
    expect(finding).toMatchObject({ answer: { documentId: 'aturan', title: 'Aturan studio' } });
  });
});

describe('table rows', () => {
  it('are phrased like a sentence that starts with the requested column', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'harga glasir bening berapa?'))).toBe(
      'Glasir bening — Harga: Rp85.000, Ukuran: 500 ml',
    );
    expect(saidTo(ask(index, 'ukuran tanah liat putih?'))).toBe(
      'Tanah liat putih — Ukuran: 5 kg, Harga: Rp45.000',
    );
  });

  it('are named by what people call them, not by a leading code or category', async () => {
    const header = 'Kode;Kelompok;Barang;Harga;Berat;Warna;Rak;Pemasok';
    const text = [
      header,
      'TL-01;bahan;Tanah liat putih;45.000;5 kg;putih;A;Sumber Jaya',
      'TL-02;bahan;Tanah liat hitam;60.000;5 kg;hitam;A;Sumber Jaya',
      'GL-01;bahan;Glasir bening;85.000;1 kg;bening;B;Kilau',
      'AL-01;alat;Butsir kayu;15.000;0,1 kg;cokelat;C;Kilau',
    ].join('\n');
    const index = await indexOf({ documents: [{ id: 'd', title: 'Daftar barang', text, isTable: true }] });
    const reply = saidTo(ask(index, 'harga glasir bening berapa?'));
    expect(reply).toMatch(/^Glasir bening — Harga: 85\.000/);
    // The whole row would confuse more than it helps.
    expect(reply).not.toContain('Pemasok');
    expect(saidTo(ask(index, 'berapa harga TL-02'))).toContain('60.000');
  });

  it('are combined only if several match', async () => {
    const index = await indexOf(STUDIO);
    const both = saidTo(ask(index, 'harga tanah liat putih sama hitam?'));
    expect(both).toContain('Rp45.000');
    expect(both).toContain('Rp60.000');
    expect(saidTo(ask(index, 'harga tanah liat hitam'))).not.toContain('putih');
  });

  it('do not answer for something that is missing from the table', async () => {
    const index = await indexOf(STUDIO);
    expect(ask(index, 'harga tanah liat merah berapa?').type).not.toBe('sure');
    expect(ask(index, 'harga kiln listrik').type).not.toBe('sure');
  });

  it('answer a follow-up to the previous question', async () => {
    const index = await indexOf(STUDIO);
    const first = ask(index, 'harga tanah liat putih?');
    const previous = first.type === 'sure' ? first.answer.reference : undefined;
    const next = ask(index, 'kalau yang hitam?', {
      before: ['harga tanah liat putih?'],
      ...(previous === undefined ? {} : { previous }),
    });
    expect(saidTo(next)).toContain('Rp60.000');
    expect(saidTo(next)).not.toContain('Rp45.000');
  });
});
