// What is written to the visitor without being asked: by the team, after a hand-over, by follow-ups.
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Nothing but coming back as a new visitor helps here. */
const HOPELESS = ['unauthorized', '401', 'not_found', '404'];

export class VisitorEvents {
  #client;
  #hear;
  #running;
  /** The last message of the bot or the team that the page shows. */
  last;
  /** Of the page. */
  locale;

  constructor(client, hear) {
    this.#client = client;
    this.#hear = hear;
  }

  /** Listens from now on, and again after each break; a second call changes nothing. */
  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#listen(this.#running.signal);
  }

  /** Listens anew, as when the language of the page has changed. */
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
      // Not all pages come back at the same moment.
      await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}
