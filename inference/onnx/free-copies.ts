import type { InferenceSession } from 'onnxruntime-node';

/**
 * onnxruntime-node copies every output, also what was written to a tensor that it was given. Gives the memory of the copies of `names`
 * back at once: a collector, which sees small objects, comes by too late for tens of megabytes a run.
 */
export function freeCopies(result: InferenceSession.OnnxValueMapType, names: readonly string[]): void {
  for (const name of names) {
    const data = result[name]?.data;
    if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer) data.buffer.transfer(0);
  }
}
