import { auditStore } from '../audit/index.js';
import { followUpStore, hookStore, reportStore, sequenceStore } from '../automation/index.js';
import type { RoomStore } from '../contracts/stores.js';
import { contactExportStore, contactImportStore, suggestionStore } from '../people/index.js';
import { evaluationStore, passageStore, sourceStore, textVectorStore } from '../knowledge/index.js';
import { phrasingStore } from '../learning/phrasing-store.js';
import { usageStore } from '../llm/index.js';
import { tabularStore } from '../tabular/index.js';
import { actionStore, appointmentStore, customToolStore, toolSettingsStore } from '../tools/index.js';

/** The stores rooms keep for each tenant, in addition to the pipeline's own. One line per store. */
export const roomStores: readonly RoomStore<object>[] = [
  actionStore,
  appointmentStore,
  contactExportStore,
  contactImportStore,
  auditStore,
  evaluationStore,
  followUpStore,
  hookStore,
  customToolStore,
  passageStore,
  phrasingStore,
  reportStore,
  sequenceStore,
  sourceStore,
  suggestionStore,
  tabularStore,
  textVectorStore,
  toolSettingsStore,
  usageStore,
];
