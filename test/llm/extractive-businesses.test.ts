import { describe, expect, it } from 'vitest';
import type { Locale } from '../../src/contracts/message.js';
import type { DataPart } from '../../src/contracts/model.js';
import { createAnalyzer } from '../../src/knowledge/search/text/analyzer.js';
import { createExtractiveModel } from '../../src/llm/extractive/index.js';
import { collect, textOf } from '../contracts/language-model.js';

const analyzer = createAnalyzer({ keepQuestionWords: false });
const model = createExtractiveModel({
  terms: (text, locale) => analyzer.terms(text, locale),
  lead: () => '',
});

function passage(
  citation: number,
  title: string,
  text: string,
  kind: DataPart['kind'] = 'document',
): DataPart {
  return { type: 'data', kind, citation, title, text };
}

interface Business {
  readonly locale: Locale;
  readonly passages: readonly DataPart[];
  /** An empty expectation means that nothing there answers it. */
  readonly questions: readonly (readonly [question: string, expected: string])[];
}

const CLINIC: Business = {
  locale: 'id',
  passages: [
    passage(
      1,
      'klinik-sehat.md',
      '# Klinik Sehat > Layanan\n\nKami melayani pemeriksaan gigi, scaling, dan pemasangan behel. Scaling mulai dari Rp250.000 per kunjungan. Behel mulai Rp6.500.000, bisa dicicil 6 kali.',
    ),
    passage(
      2,
      'klinik-sehat.md',
      '# Klinik Sehat > Jadwal dokter\n\ndrg. Maya: Senin dan Rabu, 09.00-13.00\ndrg. Budi: Selasa, Kamis, Sabtu, 15.00-20.00',
    ),
    passage(
      3,
      'klinik-sehat.md',
      '# Klinik Sehat > Pembayaran\n\nKami menerima BPJS, asuransi Prudential dan Allianz, serta kartu debit. Tidak menerima cek.',
    ),
    passage(
      4,
      'Kebijakan',
      'Pembatalan janji temu paling lambat 24 jam sebelumnya. Anak di bawah 5 tahun wajib didampingi orang tua.',
    ),
    passage(5, 'Parkir tersedia?', 'Ada, gratis untuk pasien di basement.', 'faq'),
  ],
  questions: [
    ['scaling berapa ya?', 'Rp250.000'],
    ['pasang behel harganya brp kak', 'Rp6.500.000'],
    ['behel bisa nyicil ga?', 'bisa dicicil 6 kali'],
    ['drg maya praktek hari apa', 'Senin dan Rabu'],
    ['jadwal dokter budi', 'Selasa, Kamis'],
    ['bisa pake bpjs?', 'BPJS'],
    ['terima asuransi allianz?', 'Allianz'],
    ['mau batalin janji gimana', '24 jam'],
    ['ada parkiran?', 'basement'],
    ['bisa cabut gigi?', ''],
    ['harga veneer berapa', ''],
    ['alamat klinik dimana', ''],
    ['dokternya lulusan mana?', ''],
    ['ok siap', ''],
  ],
};

const COFFEE: Business = {
  locale: 'id',
  passages: [
    passage(
      1,
      'produk.csv',
      'sku: KP-01; nama: Kopi Gayo 250g; harga: 85000; stok: 14\nsku: KP-02; nama: Kopi Toraja 250g; harga: 92000; stok: 0\nsku: TH-01; nama: Teh Melati 100g; harga: 38000; stok: 51',
    ),
  ],
  questions: [
    ['kopi gayo berapaan?', '85000'],
    ['kopi toraja masih ada?', 'stok: 0'],
    ['ada teh apa aja', 'Teh Melati'],
    ['harga KP-02', '92000'],
    ['stok teh melati', '51'],
    ['ada matcha?', ''],
    ['harga kopi luwak brp', ''],
  ],
};

const HOTEL: Business = {
  locale: 'en',
  passages: [
    passage(
      1,
      'Guide',
      '# Sunrise Hotel\n\n## Check-in and check-out\n\nCheck-in starts at 2 pm and check-out is until 11 am. Late check-out costs $20 and depends on availability.\n\n## Breakfast\n\nBreakfast is served from 6:30 to 10:00 in the Garden Room. It is included in all room rates.\n\n## Pets\n\nWe do not allow pets, except guide dogs.\n\n## Pool\n\nThe pool is on the roof.',
    ),
    passage(
      2,
      'Rooms',
      '| Room | Price per night | Guests |\n|---|---|---|\n| Standard double | $80 | 2 |\n| Family suite | $140 | 4 |\n| Penthouse | $320 | 2 |',
    ),
    passage(
      3,
      'Transport',
      'The airport shuttle runs every 30 minutes and costs $5 per person. Call +62 361 555 0199 to book a taxi.',
    ),
  ],
  questions: [
    ['when is check in?', '2 pm'],
    ['what time is checkout', '11 am'],
    ['is breakfast included?', 'It is included'],
    ['what time is breakfast', '6:30'],
    ['are pets allowed?', 'We do not allow pets'],
    ['how much is the family suite per night?', '$140'],
    ['price for penthouse', '$320'],
    ['do you have an airport shuttle', 'shuttle'],
    ['where is the pool?', 'roof'],
    ['phone number?', '0199'],
    ['how much does late check-out cost', '$20'],
    ['do you have a gym?', ''],
    ['what is the wifi password', ''],
    ['can you recommend a restaurant nearby?', ''],
    ['thanks, bye', ''],
  ],
};

describe.each([
  ['a clinic', CLINIC],
  ['a coffee shop with a price list', COFFEE],
  ['a hotel', HOTEL],
] as const)('the extractive model for %s', (_name, { locale, passages, questions }) => {
  it.each(questions)('%s -> %s', async (question, expected) => {
    const request = {
      system: '',
      messages: [{ role: 'user', parts: [...passages, { type: 'text', text: question }] } as const],
      maxOutputTokens: 100,
      locale,
    };
    const answer = textOf(await collect(model.stream(request, new AbortController().signal)));
    if (expected === '') expect(answer).toBe('');
    else expect(answer).toContain(expected);
  });
});
