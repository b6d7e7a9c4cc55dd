/** An operation of a client on one document, whose value is a number. */
export type Operation =
  | { readonly type: 'read'; readonly value: number }
  | { readonly type: 'set'; readonly to: number }
  | { readonly type: 'swap'; readonly to: number; readonly old: number | undefined }
  | {
      readonly type: 'replace';
      readonly from: number;
      readonly to: number;
      readonly done: boolean | undefined;
    };

/** An operation with its times; without an end it is unknown whether it was done or will be. */
export interface Event {
  readonly operation: Operation;
  readonly started: number;
  readonly ended: number | undefined;
}

/** The state after an operation; `undefined` if the operation is impossible in this state. */
function after(operation: Operation, state: number): number | undefined {
  switch (operation.type) {
    case 'read':
      return operation.value === state ? state : undefined;
    case 'set':
      return operation.to;
    case 'swap':
      return operation.old === undefined || operation.old === state ? operation.to : undefined;
    case 'replace': {
      const isDone = operation.from === state;
      if (operation.done !== undefined && operation.done !== isDone) return undefined;
      return isDone ? operation.to : state;
    }
    default: {
      const never: never = operation;
      return never;
    }
  }
}

/**
 * Whether there is an order of the operations that explains every answer and keeps operations that did not
 * overlap in their order of time (Wing and Gong's search, with Lowe's memoisation).
 */
export function isLinearizable(events: readonly Event[], initial: number): boolean {
  const sorted = [...events].sort((a, b) => a.started - b.started);
  const visitedStates = new Set<string>();

  const search = (left: readonly number[], state: number): boolean => {
    if (left.every((at) => sorted[at]?.ended === undefined)) return true;
    const name = `${state}:${left.join()}`;
    if (visitedStates.has(name)) return false;
    visitedStates.add(name);
    const earliestEnd = Math.min(...left.map((at) => sorted[at]?.ended ?? Infinity));
    for (const at of left) {
      const event = sorted[at];
      if (!event || event.started > earliestEnd) break;
      const next = after(event.operation, state);
      if (
        next !== undefined &&
        search(
          left.filter((other) => other !== at),
          next,
        )
      )
        return true;
    }
    return false;
  };
  return search([...sorted.keys()], initial);
}
