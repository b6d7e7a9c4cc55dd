import { floatBytes, ProtobufWriter } from './protobuf.js';

/** Values of ONNX's TensorProto.DataType. */
const TYPES = { float: 1, int8: 3, int64: 7, string: 8, double: 11 } as const;
export type TensorType = keyof typeof TYPES;

export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: Iterable<number> }
  | { readonly type: 'floats'; readonly value: ArrayLike<number> }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type Attributes = Readonly<Record<string, Attribute>>;

/** Operator set versions; old enough for every runtime in use. */
const OPSET = 15;
/** For models that split text. */
const OPSET_WITH_STRINGS = 20;
const ML_OPSET = 3;
const IR_VERSION = 8;
const IR_VERSION_WITH_STRINGS = 9;

/** Builds an ONNX model node by node; every method that adds a value returns its name. */
export class GraphBuilder {
  private readonly nodes: ProtobufWriter[] = [];
  private readonly constants: ProtobufWriter[] = [];
  private readonly inputs: ProtobufWriter[] = [];
  private readonly outputs: ProtobufWriter[] = [];
  private readonly usedNames = new Set<string>();
  private count = 0;
  private usesStrings = false;

  /** An input of one column, `[N, 1]`. */
  input(name: string, type: 'float' | 'string'): string {
    this.inputs.push(valueInfo(name, type, ['N', 1]));
    this.usedNames.add(name);
    return name;
  }

  output(from: string, name: string, type: TensorType, shape: readonly (number | string)[]): void {
    this.outputs.push(valueInfo(name, type, shape));
    this.nodes.push(nodeOf('Identity', [from], [name], {}, ''));
  }

  node(operator: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    const output = this.newName(operator);
    // The second output of a split, the number of pieces, is not optional.
    const outputs = operator === 'StringSplit' ? [output, `${output}_count`] : [output];
    this.nodes.push(nodeOf(operator, inputs, outputs, attributes, domain));
    if (operator.startsWith('String')) this.usesStrings = true;
    return output;
  }

  /** Adds an operator of ONNX's machine-learning domain. */
  learned(operator: string, inputs: readonly string[], attributes: Attributes): string {
    return this.node(operator, inputs, attributes, 'ai.onnx.ml');
  }

  floats(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.constant('float', shape, (tensor) => tensor.bytes(9, floatBytes(values)));
  }

  bytes(values: Int8Array, shape: readonly number[]): string {
    return this.constant('int8', shape, (tensor) => tensor.bytes(9, Buffer.from(values.buffer)));
  }

  doubles(values: readonly number[], shape: readonly number[]): string {
    return this.constant('double', shape, (tensor) =>
      tensor.bytes(9, Buffer.from(Float64Array.from(values).buffer)),
    );
  }

  ints(values: readonly number[], shape: readonly number[]): string {
    return this.constant('int64', shape, (tensor) =>
      tensor.bytes(9, Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer)),
    );
  }

  strings(values: readonly string[], shape: readonly number[]): string {
    return this.constant('string', shape, (tensor) => {
      for (const value of values) tensor.string(6, value);
      return tensor;
    });
  }

  finish(metadata: Readonly<Record<string, string>>): Buffer {
    const graph = new ProtobufWriter();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, 'sapa');
    for (const constant of this.constants) graph.message(5, constant);
    for (const input of this.inputs) graph.message(11, input);
    for (const output of this.outputs) graph.message(12, output);
    const model = new ProtobufWriter()
      .int(1, this.usesStrings ? IR_VERSION_WITH_STRINGS : IR_VERSION)
      .string(2, 'sapa')
      .message(7, graph)
      .message(8, operatorSet('', this.usesStrings ? OPSET_WITH_STRINGS : OPSET))
      .message(8, operatorSet('ai.onnx.ml', ML_OPSET));
    for (const [key, value] of Object.entries(metadata)) {
      model.message(14, new ProtobufWriter().string(1, key).string(2, value));
    }
    return model.finish();
  }

  private constant(
    type: TensorType,
    shape: readonly number[],
    fill: (tensor: ProtobufWriter) => ProtobufWriter,
  ): string {
    const name = this.newName(type);
    const tensor = new ProtobufWriter();
    for (const length of shape) tensor.int(1, length);
    this.constants.push(fill(tensor.int(2, TYPES[type]).string(8, name)));
    return name;
  }

  /** Returns a name that no input has. */
  private newName(kind: string): string {
    let name: string;
    do {
      this.count += 1;
      name = `_${kind}_${this.count}`;
    } while (this.usedNames.has(name));
    return name;
  }
}

export const int = (value: number): Attribute => ({ type: 'int', value });
export const float = (value: number): Attribute => ({ type: 'float', value });
export const text = (value: string): Attribute => ({ type: 'string', value });
export const ints = (value: Iterable<number>): Attribute => ({ type: 'ints', value });
export const floats = (value: ArrayLike<number>): Attribute => ({ type: 'floats', value });
export const strings = (value: readonly string[]): Attribute => ({ type: 'strings', value });

export function typeNumber(type: TensorType): Attribute {
  return int(TYPES[type]);
}

function nodeOf(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes,
  domain: string,
): ProtobufWriter {
  const node = new ProtobufWriter();
  for (const input of inputs) node.string(1, input);
  for (const output of outputs) node.string(2, output);
  node.string(3, `${outputs[0] ?? operator}_node`).string(4, operator);
  for (const [name, attribute] of Object.entries(attributes)) node.message(5, attributeOf(name, attribute));
  if (domain !== '') node.string(7, domain);
  return node;
}

/** The last field says which of the others holds the value. */
function attributeOf(name: string, attribute: Attribute): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name);
  switch (attribute.type) {
    case 'float':
      return message.float(2, attribute.value).int(20, 1);
    case 'int':
      return message.int(3, attribute.value).int(20, 2);
    case 'string':
      return message.string(4, attribute.value).int(20, 3);
    case 'floats':
      return message.floats(7, attribute.value).int(20, 6);
    case 'ints':
      return message.ints(8, attribute.value).int(20, 7);
    case 'strings':
      for (const value of attribute.value) message.string(9, value);
      return message.int(20, 8);
    default:
      return attribute satisfies never;
  }
}

function valueInfo(name: string, type: TensorType, shape: readonly (number | string)[]): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const length of shape) {
    const dimension = new ProtobufWriter();
    dimensions.message(
      1,
      typeof length === 'string' ? dimension.string(2, length) : dimension.int(1, length),
    );
  }
  const tensor = new ProtobufWriter().int(1, TYPES[type]).message(2, dimensions);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor));
}

function operatorSet(domain: string, version: number): ProtobufWriter {
  return new ProtobufWriter().string(1, domain).int(2, version);
}
