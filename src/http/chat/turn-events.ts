import type { Turn, TurnEvent, TurnListener } from '../../contracts/turn.js';
import type { EventSink } from '../../lib/api/route.js';
import { answerJson, bubbleJson, citationJson, confirmationJson } from './answer-json.js';

/**
 * Streams a turn's events to one client. The turn may start before the client's stream opens, or run in
 * another process whose events are not heard here: whatever was not streamed on the way is sent at the end
 * from the turn itself.
 */
export class TurnEvents {
  private readonly early: TurnEvent[] = [];
  private readonly bubbles = new Set<number>();
  private readonly citations = new Set<number>();
  private sink: EventSink | undefined;

  readonly listener: TurnListener = (event) => {
    if (this.sink === undefined) this.early.push(event);
    else this.say(this.sink, event);
  };

  open(sink: EventSink): void {
    this.sink = sink;
    for (const event of this.early.splice(0)) this.say(sink, event);
  }

  /** Sends the bubbles and citations not sent yet, then `done` with the whole answer. */
  finish(sink: EventSink, turn: Turn): void {
    for (const citation of turn.answer.citations) this.say(sink, { type: 'citation', citation });
    turn.answer.bubbles.forEach((bubble, index) => this.say(sink, { type: 'bubble', index, bubble }));
    const { confirmation } = turn.answer;
    if (confirmation !== undefined) sink('confirmation', confirmationJson(confirmation));
    sink('done', answerJson(turn));
  }

  private say(sink: EventSink, event: TurnEvent): void {
    switch (event.type) {
      case 'status':
        sink(
          'status',
          event.state === 'restart' ? { state: event.state, reason: event.reason } : { state: event.state },
        );
        return;
      case 'delta':
        sink('delta', { text: event.text });
        return;
      case 'bubble':
        if (this.bubbles.has(event.index)) return;
        this.bubbles.add(event.index);
        sink('bubble', { index: event.index, ...bubbleJson(event.bubble) });
        return;
      case 'citation':
        if (this.citations.has(event.citation.n)) return;
        this.citations.add(event.citation.n);
        sink('citation', citationJson(event.citation));
        return;
      default:
        event satisfies never;
    }
  }
}
