import { LecternError, toLecternError } from '../../contracts/errors.ts';

/** How CUDA, its libraries and onnxruntime's allocator say that a card's memory is used up. */
const OUT_OF_MEMORY =
  /out of memory|failed to allocate memory|smaller than requested bytes|STATUS_ALLOC_FAILED|DEVICE_ALLOCATION_FAILED|std::bad_alloc/i;

export function isOutOfMemory(message: string): boolean {
  return OUT_OF_MEMORY.test(message);
}

/** What a graph's run threw, as `out-of-resources` where the device's memory was too small for it. */
export function toRunError(error: unknown, graph: string, provider: string): LecternError {
  const known = toLecternError(error);
  if (!isOutOfMemory(known.message)) return known;
  return new LecternError('out-of-resources', `${graph} on ${provider}: not enough memory on the device (${firstLine(known.message)})`, {
    cure: 'Close what else uses the device, or choose a smaller model.',
    cause: error,
  });
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
