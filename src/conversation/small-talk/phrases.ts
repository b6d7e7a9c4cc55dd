/** The purpose of a message that asks nothing. */
export type SmallTalk = 'greeting' | 'thanks' | 'farewell' | 'acknowledgement';

/**
 * Phrases as people type them in chats, in both languages, separated by commas; stretched letters make no
 * difference.
 */
export const PHRASES: Record<SmallTalk, string> = {
  greeting: `halo, hallo, hai, hay, hei, hi, hello, hey, hiya, hola, yo, pagi, siang, sore, malam, selamat pagi, selamat siang,
    selamat sore, selamat malam, selamat datang, met pagi, met siang, met sore, met malam, good morning, good afternoon,
    good evening, good day, morning, afternoon, evening, greetings, assalamualaikum, asalamualaikum, assalamu alaikum,
    assalamualaikum wr wb, assalamualaikum warahmatullahi wabarakatuh, assalamu alaikum wr wb, askum, ass wr wb, salam,
    shalom, om swastiastu, rahayu, permisi, punten, misi, apa kabar, apa kabarnya, gimana kabarnya, how are you,
    how are you doing, how are you today, hows it going, whats up, nice to meet you, p, ping, tes, test, testing, mau tanya,
    mau nanya, mo tanya, numpang tanya, izin bertanya, ijin bertanya, boleh tanya, boleh nanya, can i ask,
    can i ask a question, can i ask something, i have a question, anyone there, anybody there, are you there,
    is anyone there, ada orang, 👋`,
  thanks: `terima kasih, terimakasih, trima kasih, trimakasih, terima kasih banyak, terima kasih banyak atas bantuannya,
    terima kasih atas bantuannya, terima kasih infonya, terima kasih atas infonya, makasih, makasi, makasih banyak,
    makasih infonya, makasih bantuannya, makasih atas bantuannya, mksh, mksih, mkasih, maksih, kasih, tengkyu, tengkiu,
    trims, trim, tq, tks, thx, ty, tysm, thanks, thank you, thankyou, thank u, thanks a lot, thanks a bunch, thanks so much,
    thank you so much, thank you very much, thanks for your help, thank you for your help, thanks for the info,
    thank you for the info, thanks for the help, many thanks, much appreciated, appreciate it, i appreciate it,
    matur nuwun, maturnuwun, matur suwun, suwun, nuhun, hatur nuhun, no thanks, no thank you, tidak terima kasih,
    nggak makasih, ngga makasih, enggak makasih, gak makasih, ga makasih, 🙏, ❤, 🥰, 😍, 🤗`,
  farewell: `bye, bye bye, byebye, goodbye, good bye, good night, gnite, nite, dadah, dah, daah, babay, sampai jumpa,
    sampai jumpa lagi, sampai nanti, sampai ketemu, sampai ketemu lagi, selamat tinggal, see you, see ya, see u, cu, cya,
    see you later, see you soon, see you tomorrow, talk to you later, ttyl, later, take care, have a nice day,
    have a good day, have a great day, itu saja, itu aja, itu dulu, segitu dulu, segitu aja, cukup, sudah cukup, udah cukup,
    thats all, that is all, thats it, nothing else, tidak ada, tidak ada lagi, ga ada, gak ada, nggak ada, ga ada lagi,
    gak ada lagi, nggak ada lagi`,
  acknowledgement: `ok, oke, okay, okey, okeh, okk, oks, okie, okelah, oke deh, ok deh, oke siap, k, sip, siplah, sipp, siap,
    baik, baiklah, baik lah, noted, dicatat, mantap, mantab, mantul, keren, hebat, bagus, asik, asyik, lucu, good, great,
    nice, cool, perfect, awesome, wonderful, excellent, lovely, amazing, very good, very nice, good job, alright, all right,
    got it, i got it, understood, i understand, i see, sounds good, sure, paham, sudah paham, mengerti, ngerti, saya mengerti,
    saya paham, oh, ooh, ah, aha, oh gitu, oh begitu, ooh gitu, gitu, begitu, oh ya, oh iya, oh i see, o, hmm, hm, ya, iya,
    yes, yep, yup, yeah, yah, betul, benar, that makes sense, makes sense, lol, haha, hahaha, wkwk, wkwkwk, hehe, hihi, xixi,
    👍, 👌, 🆗, ✅, 🙂, 😊, 😀, 😃, 😄, 😁, 😂, 🤣, 🎉, 💯, 👏`,
};

/** Forms of address; on their own they call for attention. */
export const VOCATIVES = `kak, kakak, ka, min, admin, mimin, gan, agan, sis, sist, bro, bang, abang, mas, mbak, mba, mbk, pak, bapak, bu,
  ibu, buk, bun, om, tante, teh, teteh, aa, mang, cs, bot, kakaknya, there, everyone, all, guys, team, sir, madam, maam, mam,
  miss, mister, dear, friend, folks`;

/** Words without content of their own. */
export const FILLERS = `ya, yah, yaa, deh, dong, nih, sih, kok, lah, lho, loh, banget, sekali, bgt, lagi, banyak, semua, semuanya, juga,
  dulu, so, very, much, again, too, then, for, now, well, and, dan, nya, nih, tuh, atas, infonya, informasinya, bantuannya,
  penjelasannya, jawabannya, responnya, help, your, the, info`;
