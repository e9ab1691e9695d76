import { toLecternError } from '../contracts/errors.ts';
import { tryProvider } from '../inference/onnx/try-provider.ts';
import { readFreeDeviceBytes } from '../inference/whisper-cuda/device-memory.ts';

// The health check of the GPU worker's image, and the first thing to run on a new machine: says whether CUDA works here, or the cure.
try {
  const placements = await tryProvider('cuda');
  const freeBytes = await readFreeDeviceBytes();
  const ran = placements.map(({ op, provider }) => `${op} on ${provider}`).join(', ');
  process.stdout.write(`CUDA works: ${ran}${freeBytes === undefined ? '' : `; ${(freeBytes / 2 ** 30).toFixed(1)} GiB free`}\n`);
} catch (error) {
  const { kind, message, cure } = toLecternError(error);
  process.stderr.write(`${kind}: ${message}${cure === undefined ? '' : ` ${cure}`}\n`);
  process.exitCode = 1;
}
