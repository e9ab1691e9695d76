import type { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * onnxruntime-node copies every output, also what it wrote to a tensor that was `given`. Gives the memory of those copies back at once:
 * a collector, which sees small objects, comes by too late for tens of megabytes a run.
 */
export function freeCopies(result: InferenceSession.OnnxValueMapType, given: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(given)) {
    const [copy, original] = [result[name]?.data, tensor.data];
    // Should it stop copying one day, what it gives back is what it was given.
    const isCopy = ArrayBuffer.isView(copy) && ArrayBuffer.isView(original) && copy.buffer !== original.buffer;
    if (isCopy && copy.buffer instanceof ArrayBuffer) copy.buffer.transfer(0);
  }
}
