// Messages to the visitor that are not answers: from the team, after a hand-over, or follow-ups.
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After these, only starting over as a new visitor helps. */
const HOPELESS = ['unauthorized', '401', 'not_found', '404'];

export class VisitorEvents {
  #client;
  #hear;
  #running;
  /** Id of the last message of the bot or the team on the page. */
  last;
  /** Language of the page. */
  locale;

  constructor(client, hear) {
    this.#client = client;
    this.#hear = hear;
  }

  /** Listens from now on and reconnects after each interruption; a second call has no effect. */
  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#listen(this.#running.signal);
  }

  /** Reconnects with a new language, when that of the page has changed. */
  restart(locale) {
    this.locale = locale;
    if (!this.#running) return;
    this.#running.abort();
    this.#running = undefined;
    this.start();
  }

  stop() {
    this.#running?.abort();
    this.#running = undefined;
    this.last = undefined;
  }

  async #listen(signal) {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#client.follow(
          this.last,
          this.locale,
          (event, data) => {
            if (signal.aborted) return;
            pause = FIRST_PAUSE_MS;
            this.#hear(event, data);
            if (event === 'message') this.last = data.message_id;
          },
          signal,
        );
      } catch (error) {
        if (HOPELESS.includes(error.code)) return;
      }
      if (signal.aborted) return;
      // The pause is random, so that not all pages reconnect at the same moment.
      await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
