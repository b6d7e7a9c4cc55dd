/** A full stop after one of these does not end a sentence, even before a capital or a number. */
const ABBREVIATION =
  /(?:^|[\s(])(?:jl|jln|no|nomor|rp|st|ave|rd|mr|mrs|ms|dr|drs|ir|prof|bpk|tel|telp|hp|kec|kab|ds|gg|blok|lt|min|max|maks|approx|est|vol|e\.g|i\.e|a\.n|s\.d|d\.a|[a-z])\.\s*$/iu;

/** Created with the first text and not at startup, because it loads rules. */
let shared: Intl.Segmenter | undefined;

/** Splits a paragraph into sentences, keeping addresses, prices and units in one piece. */
export function splitSentences(paragraph: string): readonly string[] {
  const segmenter = (shared ??= new Intl.Segmenter('en', { granularity: 'sentence' }));
  const sentences: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(paragraph)) {
    open += segment;
    if (ABBREVIATION.test(open)) continue;
    sentences.push(open.trim());
    open = '';
  }
  if (open.trim() !== '') sentences.push(open.trim());
  return sentences.filter((sentence) => sentence !== '');
}
