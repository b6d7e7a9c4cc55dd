/** Full stops after these do not end a sentence, though a capital or a number follows. */
const ABBREVIATION =
  /(?:^|[\s(])(?:jl|jln|no|nomor|rp|st|ave|rd|mr|mrs|ms|dr|drs|ir|prof|bpk|tel|telp|hp|kec|kab|ds|gg|blok|lt|min|max|maks|approx|est|vol|e\.g|i\.e|a\.n|s\.d|d\.a|[a-z])\.\s*$/iu;

/** Sentences of one paragraph, with addresses, prices and units in one piece. */
export function splitSentences(paragraph: string): readonly string[] {
  // Cheap to make; the first one loads its rules, which a start need not wait for.
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
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
