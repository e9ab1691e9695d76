import protobuf from 'protobufjs';

type FieldSpec = [name: string, id: number, type: string, rule?: 'repeated'];

function message(...fields: FieldSpec[]): { fields: Record<string, { id: number; type: string; rule?: string }> } {
  return {
    fields: Object.fromEntries(fields.map(([name, id, type, rule]) => [name, { id, type, ...(rule === undefined ? {} : { rule }) }])),
  };
}

/** The part of the public `onnx.proto` (ONNX IR version 8) that Lectern writes: names and field numbers as there. */
const onnx = protobuf.Root.fromJSON({
  nested: {
    onnx: {
      nested: {
        StringStringEntryProto: message(['key', 1, 'string'], ['value', 2, 'string']),
        TensorProto: message(
          ['dims', 1, 'int64', 'repeated'],
          ['dataType', 2, 'int32'],
          ['name', 8, 'string'],
          ['rawData', 9, 'bytes'],
          ['externalData', 13, 'StringStringEntryProto', 'repeated'],
          ['dataLocation', 14, 'int32'],
        ),
        AttributeProto: message(
          ['name', 1, 'string'],
          ['f', 2, 'float'],
          ['i', 3, 'int64'],
          ['s', 4, 'bytes'],
          ['g', 6, 'GraphProto'],
          ['floats', 7, 'float', 'repeated'],
          ['ints', 8, 'int64', 'repeated'],
          ['strings', 9, 'bytes', 'repeated'],
          ['type', 20, 'int32'],
        ),
        NodeProto: message(
          ['input', 1, 'string', 'repeated'],
          ['output', 2, 'string', 'repeated'],
          ['name', 3, 'string'],
          ['opType', 4, 'string'],
          ['attribute', 5, 'AttributeProto', 'repeated'],
          ['domain', 7, 'string'],
        ),
        Dimension: message(['dimValue', 1, 'int64'], ['dimParam', 2, 'string']),
        TensorShapeProto: message(['dim', 1, 'Dimension', 'repeated']),
        TensorTypeProto: message(['elemType', 1, 'int32'], ['shape', 2, 'TensorShapeProto']),
        TypeProto: message(['tensorType', 1, 'TensorTypeProto']),
        ValueInfoProto: message(['name', 1, 'string'], ['type', 2, 'TypeProto']),
        GraphProto: message(
          ['node', 1, 'NodeProto', 'repeated'],
          ['name', 2, 'string'],
          ['initializer', 5, 'TensorProto', 'repeated'],
          ['input', 11, 'ValueInfoProto', 'repeated'],
          ['output', 12, 'ValueInfoProto', 'repeated'],
          ['valueInfo', 13, 'ValueInfoProto', 'repeated'],
        ),
        OperatorSetIdProto: message(['domain', 1, 'string'], ['version', 2, 'int64']),
        ModelProto: message(
          ['irVersion', 1, 'int64'],
          ['producerName', 2, 'string'],
          ['graph', 7, 'GraphProto'],
          ['opsetImport', 8, 'OperatorSetIdProto', 'repeated'],
        ),
      },
    },
  },
});

const ModelProto = onnx.lookupType('onnx.ModelProto');

/** Serialises a `ModelProto` given as a plain object with the field names above. */
export function encodeModel(model: Record<string, unknown>): Uint8Array {
  return ModelProto.encode(ModelProto.create(model)).finish();
}

/** Element types, with their number in `TensorProto.DataType` and their size. */
export const ELEMENT_TYPES = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int8: { code: 3, bytes: 1 },
  int32: { code: 6, bytes: 4 },
  int64: { code: 7, bytes: 8 },
  bool: { code: 9, bytes: 1 },
  float16: { code: 10, bytes: 2 },
} as const;

export type ElementType = keyof typeof ELEMENT_TYPES;
