/**
 * Words of two languages for who acts (`We`, `tim kami`), that it is later (`will`, `nanti`), and that it
 * means telling the person something or checking for them (`get back`, `kabari`). These are closed classes,
 * the same for every business. What a business does with its goods ("will be shipped") is not covered.
 */
const WE = String.raw`(?:we|i|they|(?:our|my|the) (?:[\w-]+ ){0,2}?(?:team|staff|colleagues?|managers?|support|admins?|agents?|owner|boss)|our [\w-]+|one of (?:us|them|our [\w-]+)|some(?:one|body)(?: (?:from|at|of|in|on) (?:the |our )?\w+)?|an? (?:[\w-]+ ){0,2}?(?:colleague|member of (?:the |our )?\w+|team member|agent|representative|specialist|human|person|manager|rep))`;
const LATER = String.raw`(?:['’]ll|['’](?:m|re|s) (?:going|about) to|\s+(?:will|shall|(?:am|are|is) (?:going|about) to|(?:need|have|want) to|would be (?:glad|happy) to))`;
/** Stays within the clause, and stops at words that retract the promise. */
const BETWEEN = String.raw`(?:\s+(?!only\b|always\b|never\b|not\b|be (?:happy|glad)\b)[\w'’-]+,?){0,7}?\s+`;
const TELL = String.raw`(?:contact|call|(?:tele)?phone|ring|text|write|e-?mail|message|chat with|notif(?:y|ies)|inform|update|tell|answer|reply to|write to|ping)s? you\b(?:r name)?`;
const ACT = String.raw`(?:${TELL}|get(?:s|ting)? (?:back|in touch)|(?:come|be) back (?:to|with)|repl(?:y|ies)|respond(?:s)?(?! to your (?:reviews|comments))\b|write back|reach(?:es)? out|(?:be )?in (?:touch|contact)|consult (?:with |our |the |my |a )|inform (?:our|the|my) |keep you (?:posted|updated|informed)|lets? you know|(?:have|send|give|drop|bring|find) you (?:an? |the |some )?(?:answer|reply|response|update|details?|information|info|message|line|note|call|news)|have (?:an? |the )?(?:answer|reply|response|update|news) for you|follow(?:s)? up|(?:double-?)?check (?:with|on|this|that|it|whether|if|again)|(?:double-?)?check\b.{0,40} for you|check and|verify|confirm (?:it|this|that|the|with|whether)|look(?:s)? (?:into|at) (?:it|this|that|your)|sort (?:it|this|that) out|find (?:it |this |that )?out|ask (?:our|the|my|a|someone|somebody)|speak (?:to|with) (?:our|the|my)|talk to (?:our|the|my)|connect with (?:our|the|my)|investigate|forward (?:this|that|it|your)|pass (?:this|that|it|your)|escalate)\b`;
/**
 * Things a bot does in the message itself. Anything else it says it will do, it cannot do once the message is
 * sent.
 */
const HERE = String.raw`(?:be|gladly|happily|only|always|never|not|just say|explain|show|help|assist|recommend|suggest|describe|list|summari[sz]e|break|walk|guide|give you (?:an overview|a summary)|answer|do my best|try to (?:help|explain|answer)|need|assume|start|keep it|say|use|stay|remain|have to ask you)`;
const PEOPLE = String.raw`(?:they|some(?:one|body)|one of (?:us|them|our [\w-]+)|our (?!shop|store|office|website)[\w-]+|(?:a|the) (?:colleague|manager|owner|team))`;
const AT_THE_PLACE = String.raw`(?:help|assist|guide|show|serve|welcome|greet|teach|accompany|measure|examine|treat|bring|pick)`;
const DOING = String.raw`(?:\s+(?:am|are|is)|['’](?:m|re|s))\s+(?:\w+\s+)?(?:checking|looking into|verifying|asking|investigating|working on (?:it|this|that|your)|finding out)`;
const CLAIM = String.raw`(?:we|i)(?:['’]ve|\s+have)\s+(?:\w+\s+)?(?:forwarded|passed|escalated|notified|informed|noted|told|asked|reported|made a note|let (?:our|the|my) \w+ know|let (?:our|the|my)|sent (?:this|that|it|your))`;
const PASSED = String.raw`(?:has|have) been (?:forwarded|passed (?:on|to)|escalated|reported|noted|handed)`;
const HEAR = String.raw`you(?:['’]ll|\s+(?:will|should|can expect to))\s+(?:\w+\s+){0,2}?(?:hear (?:back|from)|be (?:contacted|notified|informed|called|updated|told)|(?:receive|get) (?:an? |our )?(?:\w+ )?(?:reply|answer|response|call|update|feedback)\b)`;
const EXPECT = String.raw`expect (?:an? |our |some )?(?:\w+ )?(?:call|reply|answer|response|message|update|feedback)`;

const KAMI = String.raw`(?:kami|saya|aku|kita|tim(?: \w+)?|admin(?: kami)?|sta(?:f|ff)(?: kami)?|cs(?: kami)?|petugas(?: kami)?|rekan(?: \w+)?|orang \w+|pemilik(?: \w+)?|bagian \w+)`;
const ANDA = String.raw`(?:anda|kamu|kakak|kak|ibu|bapak|bunda|kalian|sis|gan)`;
const NANTI = String.raw`(?<!tidak )(?<!nggak )(?<!gak )(?:akan|nanti|ntar|entar|segera|bakal|besok|lusa|secepatnya|sebentar lagi|biar)`;
/** Verbs of telling, plain or colloquial; "kabari kami" instead asks the person to tell us. */
const TELL_STEM = String.raw`(?:kabar(?:i|in|kan)|hubung(?:i|in)|info(?:kan|in|rmasikan)|beri ?tahu(?:kan)?|kasih (?:tahu|tau|kabar)|balas|jawab|telepon|telp|kontak|chat|sampaikan|update|follow ?up|tindak ?lanjuti|lapor(?:kan|in)?|teruskan)`;
const KABARI = String.raw`(?:${TELL_STEM}(?!\s+(?:ke )?(?:kami|saya|kita|admin|cs|nomor|no|wa)\b)|di ?${TELL_STEM})`;
const MENGABARI = String.raw`(?:meng|men|mem|me|nge)(?:hubungi|gabari|kabari|informasikan|ginfokan|beri ?tahu(?:kan)?|balas|jawab|elepon|indaklanjuti|yampaikan|laporkan|chat)`;
/** Verbs of checking on the person's behalf. */
const CEK = String.raw`(?:(?:cek|cari|tanya|konfirmasi|pasti|periksa)(?:kan|in)?|(?:meng|men|me)(?:ecek(?:nya)?|carikan|anyakan|onfirmasi|konfirmasi|astikan|mastikan|meriksa))`;
const DEKAT = String.raw`(?:[\s,]+(?!bisa\b|dapat\b|tinggal\b|silakan\b|tidak\b)[\p{L}\d.'-]+){0,5}?\s+`;
const BACK = String.raw`(?:lagi|kembali|segera|besok|nanti|ya|yah|secepatnya|kak|kakak|anda|hari ini)`;

const PROMISES: readonly RegExp[] = [
  word(`${WE}${LATER}${BETWEEN}${ACT}`),
  word(`(?:and|who|then)\\s+will\\s+(?:\\w+ly\\s+)?${ACT}`),
  word(`i${LATER}\\s+(?!${HERE}\\b)\\w+`),
  word(`${PEOPLE}${LATER}\\s+(?!(?:\\w+ly )?${AT_THE_PLACE}\\b)(?:[\\w'’-]+\\s+){1,4}?you`),
  word(
    `(?:we|they)${LATER}\\s+(?:review|examine|consider|discuss|request|clarify|answer|let you|decide|see what)`,
  ),
  word(`(?:be|are|am|['’]re|['’]m) (?:on it|onto it)`),
  word(`you\\s+(?:will|should)\\s+get\\s+(?:news|word|feedback)`),
  word(`${WE}${DOING}`),
  word(`${WE}${LATER}\\s+(?:have|get|ask) (?:some(?:one|body)|(?:our|the|my|a) \\w+)\\b.{0,40} you`),
  word('leave (?:it|this|that) (?:with|to) (?:me|us)'),
  word(CLAIM),
  word(PASSED),
  word(HEAR),
  word(EXPECT),
  word(`${NANTI}${DEKAT}(?:${KABARI}|${KAMI}\\s+(?:\\p{L}+\\s+)?${CEK})`),
  word(`${NANTI}\\s+(?:\\p{L}+\\s+)?(?:${KABARI}|${CEK})`),
  word(`(?:${KAMI}${DEKAT}?${NANTI}|${NANTI}${DEKAT}${KAMI})${DEKAT}(?:${MENGABARI}|${CEK})`),
  word(`${NANTI}\\s+(?:\\p{L}+\\s+)?${MENGABARI}\\s+${ANDA}`),
  word(`${KAMI}${DEKAT}?${NANTI}\\s+kembali\\s+(?:ke(?:pada)?|dengan)\\b`),
  word(
    `${KAMI}\\s+(?:(?:akan|coba|bantu|mau|segera)\\s+){0,2}(?:${CEK}|${KABARI})${DEKAT}?(?:dulu|dahulu|terlebih dahulu)`,
  ),
  word(`${KAMI}\\s+(?:${KABARI})${DEKAT}?${BACK}`),
  word(`${KAMI}\\s+(?:\\p{L}+\\s+)?(?:kirim|beri)(?:kan|i)?\\s+(?:jawaban|info|kabar|hasil|update)`),
  word(`akan segera\\s+(?!di(?:kirim|proses|buka|mulai)|tiba|hadir|datang|membuka|buka)(?:me|di)\\p{L}+`),
  word(
    `(?:${KAMI}|pihak \\p{L}+)${DEKAT}?sedang\\s+(?!menjual|membuka|mengadakan|menawarkan|memberi)(?:me|di)\\p{L}+`,
  ),
  word(
    `(?:saya|aku)\\s+akan\\s+(?!jelaskan|bantu|tampilkan|coba jelaskan|membantu|menjelaskan|senang|menampilkan|rekomendasi|selalu|tetap)\\p{L}+`,
  ),
  word(`${KAMI}\\s+akan\\s+(?:meninjau|mempelajari|membahas|mempertimbangkan|mencari|menyelidiki)`),
  word(`${KAMI}\\s+usaha(?:kan|in)\\b.{0,20}(?:jawab|kabar|info|balas)`),
  word(`(?:sudah|telah|udah)\\s+(?:${KAMI}\\s+)?(?:di)?(?:teruskan|sampaikan|catat|laporkan|informasikan)`),
];

/** A holding phrase may be followed by a thank-you; more words than this make it an answer. */
const FEW_WORDS = 5;

/** Phrases that ask the person to wait when nothing follows them. */
const WAITS: readonly RegExp[] = [
  word(
    String.raw`(?:please )?(?:hold on(?! to\b)|bear with (?:me|us)|stand by|one (?:moment|second|minute)|(?:wait|give me) (?:a|one) (?:moment|minute|second|bit))`,
  ),
  word(String.raw`let me (?:check|ask|find out|confirm|look into|verify|see if)`),
  word(
    String.raw`(?:mohon|harap|tolong)\s+(?:di)?tunggu|(?:di)?tunggu\s+(?:sebentar|ya|kabar\w*|dulu|sejenak)`,
  ),
  word(String.raw`(?:se)?bentar ya|mohon bersabar`),
  word(String.raw`(?:sedang|lagi) (?:(?:kami|saya) |di)(?:cek|cari|carikan|tanyakan|periksa|konfirmasi)`),
];
/** "Will not contact you" is not a promise to get back. */
const DENIED = /\b(?:will not|won['’]t|never|cannot|can['’]t|tidak akan|nggak akan|gak akan)\b/iu;

const SENTENCE_END = /\n|(?<=[.!?…])\s+/u;

/** The person acts first, so the conversation continues on its own. */
const PERSON_FIRST =
  /\b(?:if|once|when|after|as soon as) you\b|\b(?:jika|kalau|kalo|bila|setelah|begitu|apabila) (?:anda|kamu|kakak|kak|ibu|bapak|bunda|sis|gan|sudah (?:bayar|transfer|kirim|isi))\b/iu;

/**
 * Sentences that promise to tell or check something later, or claim that somebody was told: things a model
 * cannot do once its answer is sent.
 */
export function findPromises(text: string): readonly string[] {
  const sentences = text
    .split(SENTENCE_END)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
  return sentences.filter((sentence, index) => {
    if (sentence.endsWith('?') || PERSON_FIRST.test(sentence) || DENIED.test(sentence)) return false;
    if (PROMISES.some((pattern) => pattern.test(sentence))) return true;
    const wordsAfter = sentences
      .slice(index + 1)
      .join(' ')
      .split(/\s+/u).length;
    return wordsAfter <= FEW_WORDS && WAITS.some((pattern) => pattern.test(sentence));
  });
}

function word(pattern: string): RegExp {
  return new RegExp(String.raw`(?<![\p{L}\d])(?:${pattern})(?![\p{L}\d])`, 'iu');
}
