interface By {
  readonly provider: string;
  readonly model: string;
}

/**
 * Some models think aloud, and only the end of a thought tells it from an answer. A beginning that
 * has left cannot be taken back: it leaves only where the model has answered before and never did so.
 */
export class PlainSpeakers {
  private readonly speakers = new Map<string, 'plain' | 'aloud'>();

  isPlain(by: By): boolean {
    return this.speakers.get(nameOf(by)) === 'plain';
  }

  answered(by: By): void {
    if (!this.speakers.has(nameOf(by))) this.speakers.set(nameOf(by), 'plain');
  }

  thoughtAloud(by: By): void {
    this.speakers.set(nameOf(by), 'aloud');
  }
}

function nameOf({ provider, model }: By): string {
  return `${provider}:${model}`;
}
