/**
 * For writes that a crash may undo without harm because the information is recovered anyway: they need not
 * reach the disk or other members before the reply.
 */
export const QUICK = { writeConcern: { w: 1, journal: false } } as const;
