declare module 'ydf-training' {
  export interface YdfModel {
    /** Of two classes: the probability of the rarer one; of numbers: the value. One per row. */
    predict(csv: string): readonly number[];
    unload(): void;
  }

  export interface Ydf {
    readonly GradientBoostedTreesLearner: new (
      label: string,
      task: 'CLASSIFICATION' | 'REGRESSION',
    ) => { train(csv: string): YdfModel };
  }

  export default function load(options: {
    print(line: string): void;
    printErr(line: string): void;
  }): Promise<Ydf>;
}
