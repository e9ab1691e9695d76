import type { StoredType } from './tensor-file.ts';

/** A storage of the weight file, named by the pickle and not yet read. */
export interface StorageRef {
  kind: 'storage';
  type: StoredType;
  key: string;
  elements: number;
}

/** A view into a storage: what `torch._utils._rebuild_tensor_v2` would build. */
export interface TensorRef {
  kind: 'tensor';
  storage: StorageRef;
  offset: number;
  dims: number[];
  strides: number[];
}

/** A name that the pickle mentions; only names on the closed lists below are let through. */
interface GlobalRef {
  kind: 'global';
  name: string;
}

/** Stands for an object of no interest (a version, a task description): nothing of it is built. */
export interface Inert {
  kind: 'inert';
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | PickleMap
  | StorageRef
  | TensorRef
  | GlobalRef
  | Inert;
type PickleMap = Map<PickleValue, PickleValue>;
