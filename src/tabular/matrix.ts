/** One input of a model: made from a raw column, maybe one of several from the same. */
export interface Feature {
  /** Unique in its matrix, and for people: `tanggal (weekday)`. */
  readonly name: string;
  /** The raw column it comes from. */
  readonly column: string;
  readonly kind: 'number' | 'category';
  /** Of a category: what each code means. */
  readonly categories?: readonly string[];
}

/**
 * Numbers for training and prediction, one array per feature, each of `rows` values. Missing is NaN
 * for numbers; a category is its code, -1 where it is unknown or too rare to have one. Float32,
 * because that is what the artifact computes with: a threshold means the same everywhere.
 */
export interface Matrix {
  readonly rows: number;
  readonly features: readonly Feature[];
  readonly columns: readonly Float32Array[];
}
