/** One input of a model, made from a raw column; a column may give several. */
export interface Feature {
  /** Unique in its matrix, and readable for people: `tanggal (weekday)`. */
  readonly name: string;
  /** The raw column it comes from. */
  readonly column: string;
  readonly kind: 'number' | 'category';
  /** For a category: the meaning of each code. */
  readonly categories?: readonly string[];
}

/**
 * Numbers for training and prediction: one array of `rows` values per feature. A missing number is NaN; a
 * category is its code, or -1 if it is unknown or too rare to have one. Float32, as in the artifact, so that
 * a threshold means the same in both.
 */
export interface Matrix {
  readonly rows: number;
  readonly features: readonly Feature[];
  readonly columns: readonly Float32Array[];
}
