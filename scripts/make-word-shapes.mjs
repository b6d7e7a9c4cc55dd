// Makes src/conversation/language/word-shapes.txt from the words of both languages that come with Sapa:
//   node scripts/make-word-shapes.mjs
// A logistic regression on the letter groups of 7,300 Indonesian and 6,800 English words: how much a group
// adds to the log-odds that a word is Indonesian, in hundredths. Rarer groups would not generalise.
import { readFileSync, writeFileSync } from 'node:fs';

const DICTIONARY = 'src/knowledge/understanding/table/dictionary.txt';
const OUT = 'src/conversation/language/word-shapes.txt';
const LONGEST_GROUP = 3;
const LEAST_WORDS = 5;
const ROUNDS = 12;
const RATE = 0.08;
const RATE_FALLS = 0.4;
const DECAY = 2e-3;

const indonesian = new Set();
const english = new Set();
for (const line of readFileSync(DICTIONARY, 'utf8').split('\n')) {
  const at = line.indexOf(': ');
  if (at < 0 || line.startsWith('#')) continue;
  indonesian.add(line.slice(0, at));
  for (const phrase of line.slice(at + 2).split(', '))
    for (const word of phrase.split(' ')) english.add(word);
}
const examples = [
  ...[...indonesian].filter((word) => !english.has(word)).map((word) => [word, 1]),
  ...[...english].filter((word) => !indonesian.has(word)).map((word) => [word, 0]),
];

const groupsOf = (word) => {
  const marked = `<${word}>`;
  const groups = [];
  for (let size = 1; size <= LONGEST_GROUP; size += 1) {
    for (let at = 0; at + size <= marked.length; at += 1) groups.push(marked.slice(at, at + size));
  }
  return groups;
};
const holders = new Map();
for (const [word] of examples) {
  for (const group of new Set(groupsOf(word))) holders.set(group, (holders.get(group) ?? 0) + 1);
}

let seed = 1;
const random = () => ((seed = Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
const weights = new Map(
  [...holders].filter(([, count]) => count >= LEAST_WORDS).map(([group]) => [group, 0]),
);
let bias = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  for (let i = examples.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [examples[i], examples[j]] = [examples[j], examples[i]];
  }
  const rate = RATE / (1 + round * RATE_FALLS);
  for (const [word, isIndonesian] of examples) {
    const groups = groupsOf(word).filter((group) => weights.has(group));
    const sum = groups.reduce((total, group) => total + weights.get(group), bias);
    const step = (isIndonesian - 1 / (1 + Math.exp(-sum))) * rate;
    bias += step;
    for (const group of groups) weights.set(group, weights.get(group) * (1 - rate * DECAY) + step);
  }
}

const lines = [...weights]
  .map(([group, weight]) => [group, Math.round(weight * 100)])
  .filter(([, weight]) => weight !== 0)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([group, weight]) => `${group} ${weight}`);
writeFileSync(
  OUT,
  `# Made by scripts/make-word-shapes.mjs: a letter group, and what it adds in hundredths; the first line is for any word.\n` +
    `${['* ' + Math.round(bias * 100), ...lines].join('\n')}\n`,
);
