/**
 * Endings that chat platforms make links of and that are no words of our languages: a bare domain
 * with one of these is a link, however it is written.
 */
const CLEAR = `academy accountants ads agency app art asia audio auction autos bank bar beauty best bet bid biz blog
  boutique build business buzz cab cafe cam cards care casa cash casino cat center cfd chat cheap church city claims
  click clinic cloud club co codes coffee com community company computer consulting cool credit cyou date dating deal
  deals delivery design dev digital direct directory download edu email energy estate events exchange expert express
  fans farm fashion finance financial fit fun fund fyi gallery game games gg gift gifts gl global gold gov group guru
  hair healthcare help host hosting house icu id inc info ink institute international io jewelry jobs kim lat legal
  life limited link live loan loans lol love ltd ly mall management market marketing mba media mil mobi mom money monster
  movie name net network news ninja nyc one online org page party pay photo photography photos pics pictures pink pizza
  plus press pro promo pub quest racing red rent report rest review reviews ru run sale sbs school science services sex
  shoes shop shopping show site skin social software solutions space store stream studio style support surf systems
  tax team tech technology tel theater tickets tips today tokyo tools top tours town toys trade trading training travel
  tube tv university vegas ventures video vip vote wang watch web webcam website wiki win wine work works world wtf xxx
  xyz yoga zip zone`;

/** Countries: many are words too ("to", "is", "ga", "ya"), so a dot without a space looks like them. */
const COUNTRIES = `ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw
  by bz ca cc cd cf cg ch ci ck cl cm cn cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr
  ga gb gd ge gf gh gi gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu ie il im in iq ir is it je jm jo jp ke kg kh ki
  km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
  na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs rw sa sb sc sd se sg sh
  si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tw tz ua ug uk us uy uz va vc ve
  vg vi vn vu wf ws ye yt za zm zw`;

const clear = new Set(CLEAR.split(/\s+/));
const countries = new Set(COUNTRIES.split(/\s+/));

/** What the last label of a name with dots says: surely a link, maybe one, or just two sentences. */
export function kindOfEnding(label: string): 'clear' | 'country' | 'none' {
  const ending = label.toLowerCase();
  // Internationalised endings are registered under this prefix and are no words.
  if (clear.has(ending) || ending.startsWith('xn--')) return 'clear';
  return countries.has(ending) ? 'country' : 'none';
}
