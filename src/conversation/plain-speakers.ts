interface By {
  readonly provider: string;
  readonly model: string;
}

/**
 * Some models think aloud, and only the end of the thought tells it apart from an answer. A beginning that
 * was sent cannot be taken back, so it is sent early only for models that have answered before without ever
 * doing so.
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
