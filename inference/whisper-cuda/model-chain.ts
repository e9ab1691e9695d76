import { isKind, LecternError } from '../../contracts/errors.ts';
import { logInference } from '../onnx/inference-log.ts';
import type { Transcriber } from '../transcriber.ts';

/** A way to transcribe, tried where those before it do not fit into memory. */
export interface ChainLink {
  /** For people: model and device. */
  name: string;
  /** What the device must have free for it; without it, only trying tells. */
  neededBytes?: number;
  open(): Promise<Transcriber>;
}

export interface ModelChain {
  /** The first link that fits, beginning with the one that fitted last: who was too large once is not tried again. */
  open(): Promise<Transcriber>;
}

/**
 * Transcribers from the largest to the smallest, for a device whose memory nobody knows beforehand. A link that does not fit, by its
 * estimate, when it is opened or while it transcribes, is left for the next one, and every transcription then says so in its
 * `degradation`. A transcription that runs out of memory ends with `out-of-resources`, worth a retry, since results are kept under the
 * name of the model that the work began with. All other errors are the caller's: CUDA that does not load is no reason to go slow unasked.
 */
export function createModelChain(links: readonly ChainLink[], freeBytes: () => Promise<number | undefined>): ModelChain {
  const tooLarge: string[] = [];
  const link = (): ChainLink => links[tooLarge.length]!;

  function leave(reason: string): void {
    logInference('a model does not fit: the next smaller one is taken', {
      model: link().name,
      next: links[tooLarge.length + 1]!.name,
      reason,
    });
    tooLarge.push(link().name);
  }

  async function openFitting(): Promise<Transcriber> {
    for (;;) {
      const isLast = tooLarge.length === links.length - 1;
      const shortage = isLast ? undefined : describeShortage(link(), await freeBytes());
      if (shortage !== undefined) {
        leave(shortage);
        continue;
      }
      try {
        return await link().open();
      } catch (error) {
        if (isLast || !isShortage(error)) throw error;
        leave(error.message);
      }
    }
  }

  return {
    async open() {
      let current = await openFitting();
      return {
        get model() {
          return current.model;
        },
        get languages() {
          return current.languages;
        },
        async transcribe(audio, options) {
          const used = current;
          try {
            const output = await used.transcribe(audio, options);
            if (tooLarge.length === 0) return output;
            return { ...output, degradation: `${link().name} transcribed: ${tooLarge.join(', ')} did not fit into the device's memory` };
          } catch (error) {
            // Another call may have gone on to the next model already.
            if (used !== current || !isShortage(error) || tooLarge.length === links.length - 1) throw error;
            leave(error.message);
            await used.close();
            current = await openFitting();
            throw new LecternError('out-of-resources', `${error.message}; from now on ${link().name} transcribes`, { cause: error });
          }
        },
        close: () => current.close(),
      };
    },
  };
}

function isShortage(error: unknown): error is LecternError {
  return isKind(error, 'out-of-resources');
}

function describeShortage({ neededBytes }: ChainLink, free: number | undefined): string | undefined {
  if (neededBytes === undefined || free === undefined || free >= neededBytes) return undefined;
  return `it needs about ${toGigabytes(neededBytes)} of device memory, ${toGigabytes(free)} are free`;
}

function toGigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
