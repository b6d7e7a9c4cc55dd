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

describe('what a business says to a question', () => {
  it('goes out when it is sure, as the business wrote it', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'biaya kelas putar brp kak?'))).toContain('Rp350.000');
    expect(saidTo(ask(index, 'boleh bawa anak ga?'))).toContain('umur 7 tahun');
    expect(ask(index, 'KALAU BATAL BAGAIMANA')).toMatchObject({ type: 'sure', isSameQuestion: true });
  });

  it('is understood in the other language', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'ada tempat parkir?'))).toContain('behind the studio');
  });

  it('is a price where a price is asked, and how long where that is asked', async () => {
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
    expect(saidTo(ask(index, 'sepatu kulit brp kak'))).toContain('60000');
  });

  it('is never sure of an entry that only has a word of the message by the way', async () => {
    const index = await indexOf({
      faq: [
        { question: 'Bisa ambil malam?', answer: 'Ada loker depan yang bisa dibuka 24 jam.' },
        { question: 'Melayani fotokopi?', answer: 'Tidak.' },
      ],
    });
    expect(ask(index, 'ada lowongan kerja?').type).not.toBe('sure');
  });

  it('answers both of two questions in one message', async () => {
    const index = await indexOf(STUDIO);
    const both = saidTo(ask(index, 'is parking available and biaya kelas putar berapa?'));
    expect(both).toContain('behind the studio');
    expect(both).toContain('Rp350.000');
    const one = saidTo(ask(index, 'boleh membawa anak dan neneknya?'));
    expect(one).toContain('umur 7 tahun');
    expect(one).not.toContain('Rp350.000');
  });

  it('is given for the name of a row or a heading alone, without the number of a row in its list', async () => {
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

  it('is asked back when it is close', async () => {
    const index = await indexOf(STUDIO);
    const finding = ask(index, 'si kecil mau ikutan dong');
    expect(finding.type).toBe('close');
    expect(saidTo(finding)).toContain('Apakah boleh membawa anak?');
  });

  it('is not another city, nor the opposite', async () => {
    const index = await indexOf(STUDIO);
    expect(ask(index, 'apakah buka kelas di Medan?').type).not.toBe('sure');
    expect(ask(index, 'apakah tutup kelas di Jakarta?').type).not.toBe('sure');
  });

  it('is nothing where nothing is said', async () => {
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

  it('is quoted from a document with what stands beside it', async () => {
    const index = await indexOf(STUDIO);
    const finding = ask(index, 'kalo pecah pas dibakar diganti ga?');
    expect(saidTo(finding)).toContain('tanpa bayar');
    expect(finding).toMatchObject({ answer: { documentId: 'aturan', title: 'Aturan studio' } });
  });
});

describe('rows of a table', () => {
  it('are read like a sentence, with what was asked first', async () => {
    const index = await indexOf(STUDIO);
    expect(saidTo(ask(index, 'harga glasir bening berapa?'))).toBe(
      'Glasir bening — Harga: Rp85.000, Ukuran: 500 ml',
    );
    expect(saidTo(ask(index, 'ukuran tanah liat putih?'))).toBe(
      'Tanah liat putih — Ukuran: 5 kg, Harga: Rp45.000',
    );
  });

  it('are named by what people say, not by a code or a category that stands first', async () => {
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

  it('are several when several fit, and only then', async () => {
    const index = await indexOf(STUDIO);
    const both = saidTo(ask(index, 'harga tanah liat putih sama hitam?'));
    expect(both).toContain('Rp45.000');
    expect(both).toContain('Rp60.000');
    expect(saidTo(ask(index, 'harga tanah liat hitam'))).not.toContain('putih');
  });

  it('are not taken for something that is not in the table', async () => {
    const index = await indexOf(STUDIO);
    expect(ask(index, 'harga tanah liat merah berapa?').type).not.toBe('sure');
    expect(ask(index, 'harga kiln listrik').type).not.toBe('sure');
  });

  it('answer what goes on from the question before', async () => {
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
