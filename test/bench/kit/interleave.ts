/** Measures one contestant for one round and returns its figure. */
export type Contestant = () => Promise<number>;

/**
 * The figures of each contestant, one per round. All are measured in turn in every round, so that they see
 * the same machine; the first round only warms up.
 */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, Contestant>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const figure = await contestants[name]();
      if (round >= 0) figures[name].push(figure);
    }
  }
  return figures;
}
