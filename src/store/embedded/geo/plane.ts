import type { Position } from './geometry.js';

export const planeDistance = ([ax, ay]: Position, [bx, by]: Position): number => Math.hypot(ax - bx, ay - by);

/** The corners may be given in any order; the edges belong to the box. */
export function isInBox([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): boolean {
  return x >= Math.min(ax, bx) && x <= Math.max(ax, bx) && y >= Math.min(ay, by) && y <= Math.max(ay, by);
}

/** Whether a point is inside a polygon or on its edge; the last corner is joined to the first. */
export function isInPolygon(point: Position, corners: readonly Position[]): boolean {
  let isInside = false;
  for (const [index, a] of corners.entries()) {
    const b = corners[(index + 1) % corners.length] ?? a;
    if (isBetween(point, a, b)) return true;
    const crosses = a[1] > point[1] !== b[1] > point[1];
    if (crosses && point[0] < ((b[0] - a[0]) * (point[1] - a[1])) / (b[1] - a[1]) + a[0])
      isInside = !isInside;
  }
  return isInside;
}

function isBetween([x, y]: Position, a: Position, b: Position): boolean {
  const cross = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
  return cross === 0 && isInBox([x, y], a, b);
}
