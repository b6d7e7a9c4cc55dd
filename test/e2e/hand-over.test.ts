import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const ANI = 7;
const STAFF = 99;
const OTHER_STAFF = 98;
/** Long enough for an unwanted answer of the bot to appear. */
const QUIET_MS = 1_500;

let business: TelegramBusiness;

beforeAll(async () => {
  business = await startTelegramBusiness({ staff: [STAFF, OTHER_STAFF] });
});
afterAll(() => business.close());

const person = (id: number) => business.person(id, id === ANI ? 'Ani [x](https://jahat.example)' : 'Sari');
const textsOf = (id: number) => business.textsOf(id);
const reaches = (id: number, words: string, after: number) => business.reaches(id, words, after);

it('a member of staff joins a conversation, messages pass both ways, and the bot returns afterwards', async () => {
  person(ANI).sends('What are your opening hours?');
  await reaches(ANI, 'Tuesday', 0);
  const noticeCount = textsOf(STAFF).length;
  const askedOther = textsOf(OTHER_STAFF).length;

  person(ANI).sends('/human');
  await reaches(ANI, "I've passed this chat on to our team", 1);
  const notice = await reaches(STAFF, 'asks for a person', noticeCount);
  await reaches(OTHER_STAFF, 'asks for a person', askedOther);
  expect(notice.text).toContain('opening hours');
  expect(notice.text?.replaceAll('\u2060', '')).toContain('Ani [x](https://jahat.example)');
  expect((notice.entities ?? []).filter(({ type }) => type === 'text_link')).toEqual([]);

  person(STAFF).presses(notice, 'Take over');
  await reaches(STAFF, 'You answer Ani', noticeCount + 1);
  const before = textsOf(ANI).length;
  person(STAFF).sends('Hello Ani, this is Sari. How can I help?');
  await reaches(ANI, 'this is Sari', before);
  person(ANI).sends('Do you have the blue shirt?');
  await reaches(STAFF, 'Do you have the blue shirt?', noticeCount);
  await pause(QUIET_MS);
  expect(textsOf(ANI).slice(before)).toEqual(['Hello Ani, this is Sari. How can I help?']);
  expect(textsOf(STAFF).at(-1)).toBe('Ani [x](https://jahat.example): Do you have the blue shirt?');

  const quiet = textsOf(STAFF).length;
  person(STAFF).sends('/release');
  await reaches(STAFF, 'The assistant answers Ani', quiet);
  const released = textsOf(ANI).length;
  await reaches(ANI, 'The assistant is back', before);
  person(ANI).sends('What are your opening hours?');
  await eventually(
    () => textsOf(ANI).length,
    (count) => count > released,
  );
});

it('staff are still addressed in their own language after writing to a person in another one', async () => {
  person(8).sends('Jam buka toko kapan?');
  await reaches(8, 'Selasa', 0);
  const before = textsOf(STAFF).length;
  person(8).sends('/human');
  const notice = await reaches(STAFF, 'asks for a person', before);
  person(STAFF).presses(notice, 'Take over');
  await reaches(STAFF, 'You answer', before + 1);
  person(STAFF).sends('Halo, saya Sari dari toko. Ada yang bisa saya bantu hari ini?');
  await reaches(8, 'saya Sari dari toko', 0);
  person(STAFF).sends('/release');
  await reaches(STAFF, 'The assistant answers', before);
});

it('a person can return to the bot, and the member of staff is told', async () => {
  const noticeCount = textsOf(STAFF).length;
  person(ANI).sends('/human');
  const notice = await reaches(STAFF, 'asks for a person', noticeCount);
  person(STAFF).presses(notice, 'Take over');
  await reaches(STAFF, 'You answer Ani', noticeCount);
  const before = textsOf(ANI).length;
  person(ANI).sends('/bot');
  await reaches(ANI, 'The assistant is back', before);
  await reaches(STAFF, 'went back to the assistant', noticeCount);
  const after = textsOf(STAFF).length;
  person(STAFF).sends('What are your opening hours?');
  await eventually(
    () => textsOf(STAFF).length,
    (count) => count > after,
  );
});

it('a member of staff can answer once without staying connected', async () => {
  const noticeCount = textsOf(STAFF).length;
  person(ANI).sends('/human');
  const notice = await reaches(STAFF, 'asks for a person', noticeCount);
  person(STAFF).presses(notice, 'Answer once');
  await reaches(STAFF, 'Write your answer now', noticeCount);
  const before = textsOf(ANI).length;
  person(STAFF).sends('We open at nine.');
  await reaches(ANI, 'We open at nine.', before);
  const once = textsOf(STAFF).length;
  person(STAFF).sends('/takeover');
  await reaches(STAFF, 'These people are with our team', once);
  expect(textsOf(ANI).slice(before)).toEqual(['We open at nine.']);
  person(ANI).sends('/bot');
  await reaches(ANI, 'The assistant is back', before);
});

it('two questions in a row without an answer are reported to staff, and the person is told', async () => {
  const noticeCount = textsOf(STAFF).length;
  const before = textsOf(ANI).length;
  person(ANI).sends('Do you repair vintage telescopes?');
  await eventually(
    () => textsOf(ANI).length,
    (count) => count > before,
  );
  person(ANI).sends('Can you calibrate a theodolite?');
  await reaches(STAFF, 'no answer for', noticeCount);
  await reaches(ANI, 'told our team', before);
});
