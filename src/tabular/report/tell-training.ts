import type { Outreach, Rewrite } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { StoredFile } from '../../contracts/turn.js';
import { modelPictures, wordsOfPictures } from '../pictures/model-pictures.js';
import { tabularStore, type ModelRow, type TrainingRow } from '../records/records.js';
import { progressReply } from './progress-text.js';
import type { Reader } from './reader.js';
import { endLine, reportButtons, trainingReport } from './training-report.js';

/**
 * Shortest interval between edits of a message, in ms. Platforms allow about one a second, and fewer in
 * groups.
 */
const SHOW_EVERY_MS = 4000;
/** How long to wait for a message that is about to be sent, and how often to look for it, in ms. */
const WAIT_FOR_MESSAGE_MS = 20_000;
const LOOK_EVERY_MS = 500;

export interface TellDependencies {
  readonly outreach: Outreach;
  readonly rewrite: Rewrite;
  readonly events: Events;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

/**
 * Keeps the person who requested a training informed: with one message that is edited while it runs, and a
 * report when it is over. If messages cannot be edited, only the report is sent.
 */
export class TellTraining {
  /** By training: when its message was last edited, and the edit in progress. */
  private readonly progressMessages = new Map<string, { at: number; change: Promise<unknown> }>();

  constructor(private readonly deps: TellDependencies) {}

  progress(scope: TenantScope, training: TrainingRow): void {
    const { turnId, _id } = training;
    if (turnId === undefined) return;
    const now = this.deps.clock.monotonicMs();
    const before = this.progressMessages.get(_id);
    if (before !== undefined && now - before.at < SHOW_EVERY_MS) return;
    const change = (before?.change ?? Promise.resolve()).then(() =>
      this.deps.rewrite(scope, turnId, progressReply(training, this.reader(scope, training).t)),
    );
    this.progressMessages.set(_id, { at: now, change });
  }

  async finished(scope: TenantScope, training: TrainingRow): Promise<void> {
    const { conversationId, status, modelId, error } = training;
    await this.deps.events.emit(scope, 'training.finished', {
      training_id: training._id,
      status,
      ...(modelId === undefined ? {} : { model_id: modelId }),
      ...(error === undefined ? {} : { error }),
    });
    if (conversationId === undefined) return;
    const reader = this.reader(scope, training);
    const { t } = reader;
    await this.close(scope, training, t);
    // The person who stopped it already knows.
    if (error?.code === 'cancelled') return;
    const { models } = scope.store(tabularStore);
    const model = modelId === undefined ? undefined : await models.get(modelId);
    const files = model === undefined ? [] : await savedPictures(scope, model, reader);
    const versions = model === undefined ? [] : await models.versions(model.name);
    const content = {
      text: trainingReport(training, model, t),
      buttons: reportButtons(model, versions, t),
      files,
    };
    await this.deps.outreach.say(scope, conversationId, `training ${training._id}`, content, 'command');
  }

  /** Makes the progress message say that the training is over, and removes its buttons. */
  private async close(scope: TenantScope, training: TrainingRow, t: Reader['t']): Promise<void> {
    const { turnId, _id } = training;
    await this.progressMessages.get(_id)?.change;
    this.progressMessages.delete(_id);
    if (turnId === undefined) return;
    const { clock, rewrite } = this.deps;
    const until = clock.monotonicMs() + WAIT_FOR_MESSAGE_MS;
    while ((await rewrite(scope, turnId, { text: endLine(training, t) })) === 'not-yet') {
      if (clock.monotonicMs() > until) return;
      await clock.sleep(LOOK_EVERY_MS);
    }
  }

  private reader(scope: TenantScope, training: TrainingRow): Reader {
    const locale = training.locale ?? scope.settings.locale;
    return { t: this.deps.i18n.translator(locale), locale };
  }
}

async function savedPictures(scope: TenantScope, model: ModelRow, reader: Reader): Promise<StoredFile[]> {
  const pictures = await modelPictures(model, wordsOfPictures(reader));
  return Promise.all(
    pictures.map(({ name, bytes }) =>
      scope.files.save({ kind: 'image', fileName: name, mediaType: 'image/png', bytes }),
    ),
  );
}
