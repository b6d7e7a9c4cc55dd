const FACT = /^\s*([^=;\n]{1,64}?)\s*=([^]*)$/;

/**
 * Parses `size=XL`, or several facts: `phone=0812…; size=XL`, or one per line. An empty value deletes the
 * fact. `undefined`: a part is not a fact.
 */
export function readFacts(text: string): Readonly<Record<string, string>> | undefined {
  const parts = text.split(/[;\n]/).filter((part) => part.trim() !== '');
  const facts = parts.map((part) => FACT.exec(part));
  if (facts.length === 0 || facts.includes(null)) return undefined;
  return Object.fromEntries(
    facts.flatMap((fact) => (fact === null ? [] : [[fact[1] ?? '', (fact[2] ?? '').trim()]])),
  );
}
