import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import { LecternError } from '../../contracts/errors.ts';

/** An address, or a handle of onnxruntime's, which is one; 0 is none. Good in every thread of the process. */
export type Pointer = bigint;

/** Anything a call may read or write: an address, or the bytes themselves for as long as the call lasts. */
type Place = Pointer | ArrayBufferView;
/** `null`: it went well. Its message is to be read, and it to be released. */
type Failure = Pointer | null;

/** Functions of `OrtApi` that are used here. What creates something writes its handle to `out`, 8 bytes. */
export interface OrtFunctions {
  getErrorMessage(failure: Pointer): string;
  createEnv(logLevel: number, name: string, out: Place): Failure;
  run(
    session: Pointer,
    options: Pointer,
    inputNames: Place,
    inputs: Place,
    inputCount: number,
    outputNames: Place,
    outputCount: number,
    outputs: Place,
  ): Failure;
  createSessionOptions(out: Place): Failure;
  disableMemPattern(options: Pointer): Failure;
  disableCpuMemArena(options: Pointer): Failure;
  setGraphOptimizationLevel(options: Pointer, level: number): Failure;
  setIntraOpNumThreads(options: Pointer, threads: number): Failure;
  addSessionConfigEntry(options: Pointer, key: string, value: string): Failure;
  /** Over memory that stays its owner's. */
  createTensorWithData(memory: Pointer, data: Place, bytes: number, shape: Place, rank: number, type: number, out: Place): Failure;
  createCpuMemoryInfo(allocator: number, memory: number, out: Place): Failure;
  releaseStatus(failure: Pointer): void;
  releaseSession(session: Pointer): void;
  releaseValue(value: Pointer): void;
  releaseSessionOptions(options: Pointer): void;
}

/** Opens a session without blocking this thread. */
type CreateSession = (env: Pointer, path: string, options: Pointer, out: Place) => Promise<Failure>;

export interface OrtLibrary extends OrtFunctions {
  createSession: CreateSession;
}

/** What onnxruntime promises to keep: the table of a version never changes, later ones only grow. */
const API_VERSION = 17;
const POINTER_BYTES = 8;

const LIBRARIES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

/**
 * Place in the table `OrtApi`, result and arguments of each function.
 * Source: `onnxruntime_c_api.h`, where members stand in the order of their places.
 */
const SIGNATURES: Record<keyof OrtFunctions, [place: number, result: string, ...args: string[]]> = {
  getErrorMessage: [2, 'str', 'void *'],
  createEnv: [3, 'void *', 'int', 'str', 'void *'],
  run: [9, 'void *', 'void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *'],
  createSessionOptions: [10, 'void *', 'void *'],
  disableMemPattern: [17, 'void *', 'void *'],
  disableCpuMemArena: [19, 'void *', 'void *'],
  setGraphOptimizationLevel: [23, 'void *', 'void *', 'int'],
  setIntraOpNumThreads: [24, 'void *', 'void *', 'int'],
  createTensorWithData: [49, 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *'],
  createCpuMemoryInfo: [69, 'void *', 'int', 'int', 'void *'],
  releaseStatus: [93, 'void', 'void *'],
  releaseSession: [95, 'void', 'void *'],
  releaseValue: [96, 'void', 'void *'],
  releaseSessionOptions: [100, 'void', 'void *'],
  addSessionConfigEntry: [130, 'void *', 'void *', 'str', 'str'],
};
const CREATE_SESSION = 7;

let loaded: OrtLibrary | undefined;

/** The C interface of the onnxruntime that `onnxruntime-node` brings. Throws `unavailable` where there is none for this machine. */
export function ortLibrary(): OrtLibrary {
  loaded ??= load();
  return loaded;
}

function load(): OrtLibrary {
  const { platform, arch } = process;
  const name = LIBRARIES[platform];
  const path = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '../bin/napi-v6', platform, arch, name ?? '');
  try {
    const base = koffi.load(path).func('OrtGetApiBase', 'void *', [])() as Pointer;
    const getApi = koffi.decode(koffi.decode(base, 'void *'), koffi.proto('void *', ['uint32_t'])) as (version: number) => Pointer;
    const table = getApi(API_VERSION);
    const at = (place: number, result: string, args: readonly string[]): ((...args: unknown[]) => unknown) =>
      koffi.decode(koffi.decode(table, place * POINTER_BYTES, 'void *'), koffi.proto(result, [...args]));
    const functions = Object.fromEntries(
      Object.entries(SIGNATURES).map(([key, [place, result, ...args]]) => [key, at(place, result, args)]),
    ) as unknown as OrtFunctions;
    const createSession = at(CREATE_SESSION, 'void *', ['void *', platform === 'win32' ? 'str16' : 'str', 'void *', 'void *']);
    return { ...functions, createSession: toPromise(createSession) };
  } catch (error) {
    throw new LecternError('unavailable', `onnxruntime has no library for ${platform} on ${arch} at ${path}`, { cause: error });
  }
}

/** The call made in a thread of Node's pool. */
function toPromise(call: (...args: unknown[]) => unknown): CreateSession {
  const { async: start } = call as unknown as { async: (...args: unknown[]) => void };
  return (...args) =>
    new Promise((resolve, reject) => {
      start(...args, (error: Error | null, failure: Failure) => (error === null ? resolve(failure) : reject(error)));
    });
}

/** Where bytes lie; they stay there as long as something holds them. */
export function addressOf(bytes: ArrayBufferView): Pointer {
  return koffi.address(bytes);
}
