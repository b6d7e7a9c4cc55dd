/** A word that identifies a message in its answer: platform, business, conversation, number. */
export function tokenOf(conversation: string, number: number): string {
  return `${conversation}N${String(number).padStart(3, '0')}`;
}

export const TOKENS_IN = /\b[A-Z]+\d+C\d{3}N\d{3}\b/;
export const TOKENS = /\b[A-Z]+\d+C\d{3}N\d{3}\b/g;
/** The names that the businesses of the storm have in their personas. */
export const MARK = /KEDAI-[A-Z]+/;

export function questionWith(token: string): string {
  return `Please repeat the word ${token} for me`;
}
