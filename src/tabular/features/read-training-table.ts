import type { DatasetColumn, TableFormat } from '../../contracts/tabular.js';
import type { Matrix } from '../matrix.js';
import { unknownColumn } from '../read/profile-table.js';
import { readTable, type Pieces } from '../read/table-source.js';
import { ownText } from '../read/own-text.js';
import { cleanCategory, cleanCell, readBoolean } from '../read/words.js';
import { CategoryCodes } from './category-codes.js';
import { cannotTrain, sameEverywhere, FEWEST_ROWS, type ChosenColumns } from './choose-columns.js';
import { ColumnEncoder, featuresOf, type ColumnPlan } from './column-plan.js';
import { planOf } from './plan-of.js';

/** Maximum number of cells to learn from; of a larger table, the rows with a target are sampled evenly. */
const MOST_CELLS = 30_000_000;
/** Of several classes, each needs a pass over the cells: maximum number of cells times classes. */
const MOST_CLASS_CELLS = 100_000_000;
/** With more classes no trees are grown, and a pass is cheap. */
const MOST_PASSES = 30;
/** Maximum number of texts to learn from; each has many words and a meaning of many numbers. */
const MOST_TEXTS = 40_000;
/** Maximum number of characters to learn from; each text gets its share, and only its beginning is read. */
const MOST_TEXT_CHARS = 15_000_000;

export interface TrainingTable {
  readonly plans: readonly ColumnPlan[];
  readonly matrix: Matrix;
  /** Class numbers, or the values themselves. */
  readonly target: Float64Array;
  /** In the order of the class numbers. */
  readonly classes: readonly string[] | undefined;
  readonly groups: Float64Array | undefined;
  readonly times: Float64Array | undefined;
  /** For the task `text`: all text columns of a row, joined. */
  readonly texts: readonly string[] | undefined;
  /** Rows of the whole table, sampled or not, and those of them without a target. */
  readonly rowsInTable: number;
  readonly withoutTarget: number;
}

/** Reads the training data of a model, as numbers. */
export async function readTrainingTable(
  pieces: Pieces,
  table: { readonly rows: number; readonly format: TableFormat },
  chosen: ChosenColumns,
): Promise<TrainingTable> {
  let reader: TrainingReader | undefined;
  await readTable(pieces, table.format, {
    onHeader: (names) => {
      reader = new TrainingReader(names, table.rows, chosen);
    },
    onRow: (cells) => {
      reader?.add(cells);
      return true;
    },
  });
  if (reader === undefined) throw cannotTrain('The table is empty.');
  return reader.finish();
}

class TrainingReader {
  private readonly target: Dictionary | NumberValues;
  private readonly features: readonly FeatureColumn[];
  private readonly group: Dictionary | undefined;
  private readonly time: NumberValues | undefined;
  private readonly textColumns: readonly number[];
  private readonly textLength: number;
  private readonly texts: string[] = [];
  private readonly targetIndex: number;
  private readonly groupIndex: number;
  private readonly timeIndex: number;
  private readonly step: number;
  private seen = 0;
  private rows = 0;
  private withoutTarget = 0;

  constructor(
    names: readonly string[],
    rows: number,
    private readonly chosen: ChosenColumns,
  ) {
    const indexOf = (column: DatasetColumn | undefined): number => {
      const index = column === undefined ? -1 : names.indexOf(column.name);
      if (column !== undefined && index === -1) throw unknownColumn(column.name);
      return index;
    };
    const { task, target, features, group, time } = chosen;
    const isText = task === 'text';
    // Cells that cannot be read as a number may still be a class.
    const filled = rows - target.missing + target.unreadable;
    // A date gives several features.
    const cells = filled * featuresOf(features.map(planOf)).length;
    const passes = task === 'regression' ? 1 : Math.min(MOST_PASSES, target.distinct);
    this.step = isText
      ? Math.max(1, filled / MOST_TEXTS)
      : Math.max(1, cells / MOST_CELLS, (cells * passes) / MOST_CLASS_CELLS);
    const most = Math.ceil(filled / this.step) + 1;
    this.targetIndex = indexOf(target);
    this.groupIndex = indexOf(group);
    this.timeIndex = indexOf(time);
    this.target =
      task === 'regression' ? new NumberValues(target, most) : new Dictionary(most, spellingOf(target));
    this.group = group && new Dictionary(most);
    this.time = time && new NumberValues(time, most);
    this.textLength = Math.floor(MOST_TEXT_CHARS / most);
    this.textColumns = isText ? features.map(indexOf) : [];
    const table = { rows: most, columns: features.length };
    this.features = isText ? [] : features.map((column) => new FeatureColumn(column, indexOf(column), table));
  }

  add(cells: readonly string[]): void {
    this.seen += 1;
    const target = cells[this.targetIndex] ?? '';
    if (!this.target.holds(target)) {
      this.withoutTarget += 1;
      return;
    }
    // Even sampling: a row is taken whenever another whole step has been passed.
    const usable = this.seen - this.withoutTarget;
    if (Math.floor(usable / this.step) === Math.floor((usable - 1) / this.step)) return;
    const { rows } = this;
    this.target.add(target, rows);
    for (const feature of this.features) feature.add(cells, rows);
    this.group?.addAny(cells[this.groupIndex] ?? '', rows);
    this.time?.add(cells[this.timeIndex] ?? '', rows);
    if (this.textColumns.length > 0) {
      const text = this.textColumns.map((index) => cells[index] ?? '').join(' ');
      this.texts.push(ownText(text.slice(0, this.textLength)));
    }
    this.rows += 1;
  }

  finish(): TrainingTable {
    const { rows, chosen } = this;
    if (rows < FEWEST_ROWS) {
      throw cannotTrain(
        `Only ${rows} rows have a value in "${chosen.target.name}"; at least ${FEWEST_ROWS} are needed.`,
        {
          key: 'tables.reason.tooFewTargets',
          values: { rows, column: chosen.target.name, fewest: FEWEST_ROWS },
        },
      );
    }
    const finished = this.features.map((feature) => feature.finish(rows));
    const plans = finished.map(({ plan }) => plan);
    const { target, classes } = this.finishTarget();
    return {
      plans,
      matrix: { rows, features: featuresOf(plans), columns: finished.flatMap(({ columns }) => columns) },
      target,
      classes,
      groups: this.group?.values.subarray(0, rows),
      times: this.time?.values.subarray(0, rows),
      texts: chosen.task === 'text' ? this.texts : undefined,
      rowsInTable: this.seen,
      withoutTarget: this.withoutTarget,
    };
  }

  private finishTarget(): { target: Float64Array; classes: readonly string[] | undefined } {
    const { target, rows, chosen } = this;
    const values = target.values.subarray(0, rows);
    if (target instanceof NumberValues) {
      if (values.every((value) => value === values[0])) {
        throw sameEverywhere(chosen.target.name);
      }
      return { target: values, classes: undefined };
    }
    const names = target.names();
    if (names.length < 2) throw sameEverywhere(chosen.target.name);
    const classes = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const newCode = names.map((name) => classes.indexOf(name));
    return { target: values.map((code) => newCode[code] ?? 0), classes };
  }
}

interface Spelling {
  /** Empty for a missing value. */
  clean(cell: string): string;
  /** Cells with the same key are one value, spelled like the first of them. */
  keyOf(cell: string): string;
}

const AS_WRITTEN: Spelling = { clean: cleanCell, keyOf: (cell) => cell };

function spellingOf({ type }: DatasetColumn): Spelling {
  if (type === 'category') return { ...AS_WRITTEN, clean: cleanCategory };
  return type === 'boolean' ? { ...AS_WRITTEN, keyOf: (cell) => String(readBoolean(cell)) } : AS_WRITTEN;
}

/** Encodes texts as numbers, in order of appearance. */
class Dictionary {
  readonly values: Float64Array;
  private readonly codes = new Map<string, number>();
  private readonly spellings: string[] = [];

  constructor(
    rows: number,
    private readonly spelling: Spelling = AS_WRITTEN,
  ) {
    this.values = new Float64Array(rows);
  }

  /** `false` for an empty cell. */
  holds(raw: string): boolean {
    return this.spelling.clean(raw) !== '';
  }

  add(raw: string, row: number): void {
    this.addAny(this.spelling.clean(raw), row);
  }

  addAny(raw: string, row: number): void {
    const key = this.spelling.keyOf(raw);
    let code = this.codes.get(key);
    if (code === undefined) {
      const own = ownText(raw);
      code = this.spellings.push(own) - 1;
      this.codes.set(this.spelling.keyOf(own), code);
    }
    this.values[row] = code;
  }

  names(): readonly string[] {
    return this.spellings;
  }
}

/** Numbers or dates of one column in full precision. */
class NumberValues {
  readonly values: Float64Array;
  private readonly encoder: ColumnEncoder;
  private readonly cell = new Float32Array(1);
  private readonly plan: ColumnPlan;

  constructor(column: DatasetColumn, rows: number) {
    this.values = new Float64Array(rows);
    this.plan = planOf(column);
    this.encoder = new ColumnEncoder(this.plan, [this.cell]);
  }

  /** `false` for a cell that cannot be read. */
  holds(raw: string): boolean {
    return !Number.isNaN(this.encoder.valueOf(raw));
  }

  add(raw: string, row: number): void {
    this.values[row] = this.encoder.valueOf(raw);
  }
}

/** One feature column while it is being read. */
class FeatureColumn {
  private readonly columns: Float32Array[];
  private readonly plan: ColumnPlan;
  private readonly encoder: ColumnEncoder | undefined;
  private readonly categories: CategoryCodes | undefined;

  constructor(
    column: DatasetColumn,
    private readonly index: number,
    table: { readonly rows: number; readonly columns: number },
  ) {
    this.plan = planOf(column);
    this.columns = featuresOf([this.plan]).map(() => new Float32Array(table.rows));
    if (this.plan.type === 'category') this.categories = new CategoryCodes(table.columns);
    else this.encoder = new ColumnEncoder(this.plan, this.columns);
  }

  add(cells: readonly string[], row: number): void {
    const cell = cells[this.index] ?? '';
    this.encoder?.encode(cell, row);
    const [column] = this.columns;
    if (this.categories !== undefined && column !== undefined) column[row] = this.categories.codeOf(cell);
  }

  finish(rows: number): { plan: ColumnPlan; columns: readonly Float32Array[] } {
    const { plan } = this;
    const columns = this.columns.map((column) => column.subarray(0, rows));
    const [codes] = columns;
    if (plan.type !== 'category' || this.categories === undefined || codes === undefined) {
      return { plan, columns };
    }
    const { categories, placeOf } = this.categories.finish();
    for (let row = 0; row < rows; row += 1) codes[row] = placeOf[codes[row] as number] ?? -1;
    return { plan: { ...plan, categories }, columns };
  }
}
