import type { Intake, Outreach, Rewrite } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
import type { HandOver } from '../../contracts/hand-over.js';
import type { ApologyFor, RunTurn } from '../../contracts/run-turn.js';
import type { TenantScope } from '../../contracts/stores.js';
import {
  AnswerBoard,
  AnswersUnderWay,
  ConversationWork,
  createIntake,
  createOutreach,
  createRewrite,
  isDeadNeighbour,
  LaneWorker,
  ownerOfThisProcess,
  Sending,
  WakeUps,
} from '../../delivery/index.js';
import { crashAt } from '../crash-at.js';
import type { Foundation } from '../foundation.js';
import type { GatewayRoom } from './gateway.js';

/** Outreach: messages that answer nothing, including those the pipeline sends. */
export function outreachRoom({ service, clock, logger, findAccount }: Foundation & GatewayRoom): {
  readonly outreach: Outreach;
  readonly rewrite: Rewrite;
  readonly wakeUps: WakeUps;
} {
  const wakeUps = new WakeUps();
  const { wake } = wakeUps;
  return {
    wakeUps,
    outreach: createOutreach({ lanes: service.lanes, findAccount, wake, clock }),
    rewrite: createRewrite({ findAccount, logger }),
  };
}

interface DeliveryRoom {
  /** Identifies this process among all that may hold lanes or connections. */
  readonly owner: string;
  /** Accounts whose connection this process holds. */
  readonly held: Set<string>;
  readonly intake: Intake;
  readonly worker: LaneWorker;
  /** Sends what other processes have answered through the connections of this one. */
  readonly sender: LaneWorker;
  /** Releases the lanes of dead processes on this host, so that their work continues immediately. */
  releaseDeadNeighbours(): Promise<void>;
}

/** Accepts messages, runs turns and sends answers. */
export function deliveryRoom(
  needs: Foundation &
    GatewayRoom & {
      readonly runTurn: RunTurn;
      readonly apologyFor: ApologyFor;
      readonly wakeUps: WakeUps;
      readonly handOver: HandOver;
      readonly events: Events;
    },
): DeliveryRoom {
  const { settings, service, findAccount, runTurn, apologyFor, wakeUps, clock, logger, metrics, events } =
    needs;
  const { lanes } = service;
  const owner = ownerOfThisProcess(needs.makeId('p'));
  const connections = new Set<string>();
  const underWay = new AnswersUnderWay({ stops: service.stops, clock, logger });
  const board = new AnswerBoard(clock, logger);
  const at = crashAt(settings.SAPA_CRASH_AT);
  const scope = (tenantId: string): Promise<TenantScope | undefined> => service.scope(tenantId);
  const shared = { owner, connections, clock, logger };
  const forLanes = { ...shared, lanes, catchUp: () => needs.waits.catchUp() };
  const forSending = { ...shared, metrics, at, scope, findAccount, events };
  const work = new ConversationWork({
    ...forSending,
    runTurn,
    apologyFor,
    board,
    underWay,
    handedOver: needs.handOver.watch,
  });
  const worker = new LaneWorker({ ...forLanes, work });
  const sender = new LaneWorker({ ...forLanes, work: new Sending(forSending), onlyConnected: true });
  wakeUps.listen(worker.wake.bind(worker));
  return {
    owner,
    held: connections,
    worker,
    sender,
    intake: createIntake({
      enter: worker.enter.bind(worker),
      worksOn: worker.isRunning.bind(worker),
      board,
      underWay,
      clock,
      metrics,
      events,
      at,
    }),
    async releaseDeadNeighbours() {
      const dead = (await lanes.owners()).filter((name) => isDeadNeighbour(name));
      await Promise.all(dead.map((name) => lanes.releaseOwner(name)));
    },
  };
}
