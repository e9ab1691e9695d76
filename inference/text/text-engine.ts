import * as ort from 'onnxruntime-node';
import { openSession } from '../onnx/open-session.ts';
import type { TextBatch } from './text-batches.ts';

export interface TextEngineInit {
  /** An ONNX model with inputs `input_ids`, `attention_mask`, `token_type_ids`, all int64 `[texts, tokens]`. */
  modelPath: string;
  threads: number;
}

export interface TextOutput {
  /** Row-major: `[texts, ...]`. */
  data: Float32Array;
  dims: number[];
}

export interface TextEngine {
  /** The model's one output, or the first of several. */
  run(batch: TextBatch): Promise<TextOutput>;
  /** All of them, by name. */
  runAll(batch: TextBatch): Promise<Record<string, TextOutput>>;
}

/** A text encoder in a worker thread, whatever its head. */
export async function createEngine({ modelPath, threads }: TextEngineInit): Promise<TextEngine> {
  const session = await openSession(modelPath, { threads });
  const runAll: TextEngine['runAll'] = async ({ positions, tokens, ids, typeIds, mask }) => {
    const dims = [positions.length, tokens];
    const outputs = await session.run({
      input_ids: new ort.Tensor('int64', ids, dims),
      attention_mask: new ort.Tensor('int64', mask, dims),
      token_type_ids: new ort.Tensor('int64', typeIds, dims),
    });
    return Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, { data: output.data as Float32Array, dims: [...output.dims] }]),
    );
  };
  const [outputName = ''] = session.outputNames;
  return { runAll, run: async (batch) => (await runAll(batch))[outputName]! };
}
