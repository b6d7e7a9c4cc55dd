/** Keeps the `capacity` best of many scored items, in preallocated memory. Ties go to the lower id. */
export class TopK {
  readonly ids: Uint32Array;
  readonly scores: Float32Array;
  size = 0;
  private limit = 0;

  constructor(readonly capacity: number) {
    this.ids = new Uint32Array(capacity);
    this.scores = new Float32Array(capacity);
  }

  /** Starts over; `limit` is capped at the capacity. */
  reset(limit: number): void {
    this.limit = Math.min(limit, this.capacity);
    this.size = 0;
  }

  /** The score a new item must beat; -Infinity while there is room. */
  get floor(): number {
    return this.size < this.limit ? -Infinity : (this.scores[this.size - 1] ?? -Infinity);
  }

  /** Inserts into a sorted list: with at most 50 places this beats a heap, and needs no final sort. */
  offer(id: number, score: number): void {
    const { ids, scores, limit } = this;
    let at = this.size;
    if (at === limit) {
      if (limit === 0 || !isBetter(score, id, scores[at - 1] ?? 0, ids[at - 1] ?? 0)) return;
      at -= 1;
    } else {
      this.size += 1;
    }
    while (at > 0 && isBetter(score, id, scores[at - 1] ?? 0, ids[at - 1] ?? 0)) {
      scores[at] = scores[at - 1] ?? 0;
      ids[at] = ids[at - 1] ?? 0;
      at -= 1;
    }
    scores[at] = score;
    ids[at] = id;
  }
}

function isBetter(score: number, id: number, otherScore: number, otherId: number): boolean {
  return score > otherScore || (score === otherScore && id < otherId);
}
