import { LecternError } from '../../contracts/errors.ts';
import type { StoredType } from './tensor-file.ts';
import { PickleReader } from './pickle-reader.ts';
import type { Inert, PickleValue, StorageRef, TensorRef } from './pickle-value.ts';

const INERT: Inert = { kind: 'inert' };
const MAX_RANK = 8;

const STORAGE_TYPES: Record<string, StoredType> = {
  'torch FloatStorage': 'float32',
  'torch HalfStorage': 'float16',
  'torch BFloat16Storage': 'bfloat16',
  'torch DoubleStorage': 'float64',
  'torch CharStorage': 'int8',
  'torch ByteStorage': 'uint8',
  'torch ShortStorage': 'int16',
  'torch IntStorage': 'int32',
  'torch LongStorage': 'int64',
  'torch BoolStorage': 'bool',
};
const REBUILD_TENSOR = 'torch._utils _rebuild_tensor_v2';
const ORDERED_DICT = 'collections OrderedDict';
/** What published checkpoints carry beside their tensors. It is read past: no code stands behind these names here. */
const INERT_NAMES = new Set([
  'torch.torch_version TorchVersion',
  'pyannote.audio.core.task Problem',
  'pyannote.audio.core.task Resolution',
  'pyannote.audio.core.task Specifications',
]);

function refuse(what: string): LecternError {
  return new LecternError('invalid-input', `the weights' pickle ${what}`, {
    cure: 'Use weights that hold tensors only, such as a state_dict.',
  });
}

/**
 * Reads the pickle (protocol 2) of a torch file and builds nothing but numbers, strings, lists, maps and references to
 * tensors. Any other name or opcode is refused, so that a weight file can never run code.
 */
export function readTensorPickle(bytes: Uint8Array): PickleValue {
  return new PickleReader(bytes, { findGlobal, call, build, persistentLoad }, refuse).read();
}

function findGlobal(name: string): PickleValue {
  if (name === REBUILD_TENSOR || name === ORDERED_DICT || INERT_NAMES.has(name) || Object.hasOwn(STORAGE_TYPES, name)) {
    return { kind: 'global', name };
  }
  throw refuse(`names ${name.replace(' ', '.')}, which is not allowed`);
}

function call(callee: PickleValue, args: PickleValue): PickleValue {
  if (!isKind(callee, 'global') || !Array.isArray(args)) throw refuse('calls something that is not a function');
  if (callee.name === REBUILD_TENSOR) return rebuildTensor(args);
  if (callee.name === ORDERED_DICT && args.length === 0) return new Map();
  if (INERT_NAMES.has(callee.name)) return INERT;
  throw refuse(`calls ${callee.name.replace(' ', '.')} in an unknown way`);
}

function build(target: PickleValue): void {
  // State of an OrderedDict is torch's version metadata; state of an inert object is of no interest.
  if (target instanceof Map || isKind(target, 'inert')) return;
  throw refuse('sets the state of something unknown');
}

function persistentLoad(id: PickleValue): StorageRef {
  if (!Array.isArray(id) || id.length !== 5 || id[0] !== 'storage') throw refuse('refers to something that is not a storage');
  const [, type, key, , elements] = id;
  if (!isKind(type, 'global') || !Object.hasOwn(STORAGE_TYPES, type.name)) throw refuse('has a storage of unknown type');
  if (typeof key !== 'string' || !/^\w{1,64}$/.test(key)) throw refuse('has a storage with a strange name');
  return { kind: 'storage', type: STORAGE_TYPES[type.name] ?? 'float32', key, elements: toCount(elements) };
}

function rebuildTensor(args: PickleValue[]): TensorRef {
  const [storage, offset, dims, strides] = args;
  if (args.length < 6 || !isKind(storage, 'storage')) throw refuse('has a tensor without a storage');
  if (!Array.isArray(dims) || !Array.isArray(strides) || dims.length !== strides.length || dims.length > MAX_RANK) {
    throw refuse('has a tensor whose sizes and strides do not fit');
  }
  const tensor: TensorRef = {
    kind: 'tensor',
    storage,
    offset: toCount(offset),
    dims: dims.map(toCount),
    strides: strides.map(toCount),
  };
  const elements = tensor.dims.reduce((product, dim) => product * dim, 1);
  const last = tensor.dims.reduce((sum, dim, axis) => sum + (dim - 1) * (tensor.strides[axis] ?? 0), tensor.offset);
  // A view with stride 0 could claim any size from a small storage: it may not be larger than what it views.
  if (elements > tensor.storage.elements || (elements > 0 && last >= tensor.storage.elements)) {
    throw refuse(`has a tensor of ${tensor.dims.join('x')} outside its storage of ${storage.elements} elements`);
  }
  return tensor;
}

function toCount(value: PickleValue | undefined): number {
  const count = typeof value === 'bigint' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) throw refuse('has a size that is not a whole number');
  return count;
}

function isKind<K extends 'global' | 'storage' | 'inert'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
