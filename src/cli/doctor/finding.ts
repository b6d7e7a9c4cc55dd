/** The result of one check. `off`: works without it, and the detail says how to enable it. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'off' | 'warning' | 'broken';
  /** What was found, and what to do about it. */
  readonly detail: string;
}
