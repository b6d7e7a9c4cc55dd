import type { Locale } from '../../../contracts/message.js';

/** Function words per language; the Indonesian list includes chat particles. */
const ENGLISH = `a about above after again all also am an and any are as at be because been before being below
  between both but by can could did do does doing down during each few for from further had has have having
  he her here hers him his i if im in into is it its itself just let me more most my no nor not of off on once
  only or other our ours out over own please same she should so some such than that the their theirs them then
  there these they this those through to too under until up us very was we were will with would you your yours
  hi hello hey thanks thank ok okay u ur r pls plz thx whats wheres whens hows im ive dont doesnt didnt cant
  couldnt isnt arent wasnt wont wouldnt wat wen`;
const INDONESIAN = `ada adalah agar akan aku anda antara apabila atas atau bagi bahwa banget begitu belum berbagai
  beserta bila boleh bisa dalam dan dapat dari daripada dengan deh di dia dimana dong gan gitu hal halo hai
  hanya ia ialah ini itu jadi jika juga kah kak kakak kalau kami kan karena ke kepada ketika kita kok lagi lah
  lain lalu loh lewat maka mas mau mbak melainkan mereka merupakan min mohon namun nih nya oleh pada pagi para
  per permisi pernah pula pun punya saat saja sambil sampai sangat saya sebagai sebelum sebuah secara sedang
  sedangkan segera sejak selama seluruh semua seorang seperti serta sesudah setelah setiap siang sih sis
  sore suatu sudah biar supaya tahu tanpa tapi telah tentang terhadap terima kasih tersebut tetapi the tiap toh
  tolong tuh untuk via walau ya yah yaitu yakni yang`;

/**
 * Words that say what is asked, not what about: no help in finding a passage, but useful when comparing two
 * questions.
 */
const ENGLISH_QUESTION = `how what when where which who whom whose why`;
const INDONESIAN_QUESTION = `apa apakah bagaimana berapa cara caranya kapan kenapa mana mengapa siapa dimana gimana tidak`;

function words(list: string): string[] {
  return list.split(/\s+/).filter((word) => word !== '');
}

export const STOP_WORDS: Readonly<Record<Locale, ReadonlySet<string>>> = {
  en: new Set(words(ENGLISH)),
  id: new Set(words(INDONESIAN)),
};

export const QUESTION_WORDS: Readonly<Record<Locale, ReadonlySet<string>>> = {
  en: new Set(words(ENGLISH_QUESTION)),
  id: new Set(words(INDONESIAN_QUESTION)),
};
