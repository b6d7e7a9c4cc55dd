const CHOICE = /^choose:(\d):(.+)$/;

/** The data of a button that chooses one of the answers a turn offered. */
export function choiceAction(turnId: string, position: number): string {
  return `choose:${position}:${turnId}`;
}

/** The turn and the position that the data of a pressed button name. */
export function readChoiceAction(
  action: string,
): { readonly turnId: string; readonly position: number } | undefined {
  const [, position, turnId] = CHOICE.exec(action) ?? [];
  return position === undefined || turnId === undefined ? undefined : { turnId, position: Number(position) };
}
