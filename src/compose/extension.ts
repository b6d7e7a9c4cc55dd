import type { Command } from '../contracts/command.js';
import type { Job } from '../contracts/queue.js';
import type { RoomStore } from '../contracts/stores.js';
import type { Tool } from '../contracts/tool.js';
import type { Route } from '../lib/api/route.js';
import type { Foundation } from './foundation.js';

/** What a room contributes besides its services. */
export interface Contribution {
  readonly routes?: readonly Route[];
  readonly commands?: readonly Command[];
  readonly tools?: readonly Tool[];
  readonly jobs?: readonly Job[];
}

/** A room nothing else depends on: an entire feature in one value. */
export interface Extension {
  /** Stores it keeps for each tenant. */
  readonly stores?: readonly RoomStore<object>[];
  /** Folder of its texts, with a subfolder per language. */
  readonly texts?: string;
  open(foundation: Foundation): Contribution;
}
