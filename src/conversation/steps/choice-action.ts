const CHOICE = /^choose:(\d):(.+)$/;

/** The button data for choosing one of the answers a turn offered. */
export function choiceAction(turnId: string, position: number): string {
  return `choose:${position}:${turnId}`;
}

/** The turn and position encoded in a button's data. */
export function readChoiceAction(
  action: string,
): { readonly turnId: string; readonly position: number } | undefined {
  const [, position, turnId] = CHOICE.exec(action) ?? [];
  return position === undefined || turnId === undefined ? undefined : { turnId, position: Number(position) };
}
