import type { APIActionRowComponent, APIComponentInMessageActionRow } from 'discord.js';
import type { Button } from '../../src/contracts/channel.js';
import { shorten } from '../../src/lib/text/shorten.js';

/** Limits of a message's components. */
const MAX_ROWS = 5;
const MAX_IN_ROW = 5;
const MAX_LABEL = 80;
const MAX_IN_MENU = 25;
const MAX_MENU_LABEL = 100;

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

const ROW = 1;
const BUTTON = 2;
const MENU = 3;
const SECONDARY = 2;

/**
 * Renders buttons for Discord: in the given rows if they fit, in refilled rows if there are too many rows or
 * a row is too long, or as select menus if there are too many buttons. Drops duplicates, because Discord
 * allows each id only once.
 */
export function toComponents(buttons: readonly (readonly Button[])[] | undefined): readonly Row[] {
  const seen = new Set<string>();
  const rows = (buttons ?? [])
    .map((row) => row.filter(({ action }) => !seen.has(action) && seen.add(action)))
    .filter((row) => row.length > 0);
  const all = rows.flat();
  if (all.length > MAX_ROWS * MAX_IN_ROW) return menus(all);
  const fits = rows.length <= MAX_ROWS && rows.every((row) => row.length <= MAX_IN_ROW);
  return (fits ? rows : chunks(all, MAX_IN_ROW)).map((row) => ({
    type: ROW,
    components: row.map(({ label, action }) => ({
      type: BUTTON,
      style: SECONDARY,
      label: shortened(label, MAX_LABEL),
      custom_id: action,
    })),
  }));
}

function menus(buttons: readonly Button[]): readonly Row[] {
  return chunks(buttons, MAX_IN_MENU)
    .slice(0, MAX_ROWS)
    .map((part, index) => ({
      type: ROW,
      components: [
        {
          type: MENU,
          custom_id: `menu:${index}`,
          options: part.map(({ label, action }) => ({
            label: shortened(label, MAX_MENU_LABEL),
            value: action,
          })),
        },
      ],
    }));
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

/** Discord refuses empty labels and labels that are too long. */
function shortened(label: string, limit: number): string {
  const text = label.trim() === '' ? '·' : label;
  return shorten(text, limit);
}
