import { LecternError } from '../../contracts/errors.ts';
import type { PickleValue, StorageRef, TensorRef } from './pickle-value.ts';
import { decodeElements, ELEMENT_BYTES } from './stored-elements.ts';
import type { Tensor, TensorFile } from './tensor-file.ts';
import { readTensorPickle } from './tensor-pickle.ts';
import { ZipArchive } from './zip-archive.ts';

/** The pickle only lists tensors; published models need some hundred kilobytes. */
const MAX_PICKLE_BYTES = 64 * 2 ** 20;

/**
 * Opens what `torch.save` writes since torch 1.6: a zip file of one pickle and a file a storage. The tensors are those of
 * the saved mapping, or of its `state_dict` where it is a training checkpoint. Nothing but tensors is ever built.
 */
export function openTorchZip(path: string): TensorFile {
  const archive = new ZipArchive(path);
  try {
    const root = findRoot(path, archive);
    const tensors = collectTensors(readTensorPickle(archive.read(`${root}data.pkl`)));
    if (tensors.size === 0) throw invalid(path, 'holds no tensors');
    for (const { storage } of tensors.values()) checkStorage(path, archive, root, storage);
    const find = (name: string): TensorRef => {
      const ref = tensors.get(name);
      if (ref === undefined) throw invalid(path, `has no tensor ${name}`);
      return ref;
    };
    return {
      names: () => [...tensors.keys()],
      dims: (name) => [...find(name).dims],
      tensor: (name) => readTensor(archive, root, find(name)),
      close: () => archive.close(),
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

function invalid(path: string, what: string): LecternError {
  return new LecternError('invalid-input', `the weights ${path} ${what}`, { cure: 'Fetch the model again, or name the right file.' });
}

/** torch puts everything below one folder, named after the file or `archive`. */
function findRoot(path: string, archive: ZipArchive): string {
  const pickles = archive.names().filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) throw invalid(path, 'are not a torch zip file: one data.pkl was expected');
  const root = pickle.slice(0, -'data.pkl'.length);
  if ((archive.size(pickle) ?? 0) > MAX_PICKLE_BYTES) throw invalid(path, 'have a pickle of more than 64 MiB');
  if (archive.size(`${root}byteorder`) !== undefined && archive.read(`${root}byteorder`).toString('latin1') !== 'little') {
    throw invalid(path, 'are not little-endian');
  }
  return root;
}

function collectTensors(value: PickleValue): Map<string, TensorRef> {
  const state = value instanceof Map && value.get('state_dict') instanceof Map ? value.get('state_dict') : value;
  const tensors = new Map<string, TensorRef>();
  if (!(state instanceof Map)) return tensors;
  for (const [name, entry] of state) {
    if (typeof name === 'string' && isTensor(entry)) tensors.set(name, entry);
  }
  return tensors;
}

function isTensor(value: PickleValue): value is TensorRef {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

function checkStorage(path: string, archive: ZipArchive, root: string, storage: StorageRef): void {
  const bytes = archive.size(`${root}data/${storage.key}`);
  const needed = storage.elements * ELEMENT_BYTES[storage.type];
  if (bytes === undefined) throw invalid(path, `lack the storage ${storage.key}`);
  if (bytes < needed) throw invalid(path, `have a storage of ${bytes} bytes where ${needed} are stated`);
}

function readTensor(archive: ZipArchive, root: string, ref: TensorRef): Tensor {
  const { dims, strides, offset, storage } = ref;
  const bytes = archive.read(`${root}data/${storage.key}`);
  const size = ELEMENT_BYTES[storage.type];
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (isContiguous(dims, strides)) {
    const data = decodeElements(storage.type, bytes.subarray(offset * size, (offset + elements) * size));
    return { dims: [...dims], type: storage.type, data };
  }
  const packed = Buffer.alloc(elements * size);
  for (let index = 0; index < elements; index++) {
    const source = (offset + toStoragePosition(index, dims, strides)) * size;
    bytes.copy(packed, index * size, source, source + size);
  }
  return { dims: [...dims], type: storage.type, data: decodeElements(storage.type, packed) };
}

function toStoragePosition(index: number, dims: number[], strides: number[]): number {
  let rest = index;
  let position = 0;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] ?? 1;
    position += (rest % dim) * (strides[axis] ?? 0);
    rest = Math.floor(rest / dim);
  }
  return position;
}

function isContiguous(dims: number[], strides: number[]): boolean {
  let expected = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const dim = dims[axis] ?? 1;
    if (dim !== 1 && strides[axis] !== expected) return false;
    expected *= dim;
  }
  return true;
}
