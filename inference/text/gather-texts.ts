/** Texts that go to an encoder at once, however many wait. */
const MAX_TEXTS = 32;

interface Waiting<Vector> {
  text: string;
  resolve: (vector: Vector) => void;
  reject: (error: unknown) => void;
}

/**
 * `encode` for many who each have a text or two: while a call is under way, the texts of those who come wait, and go together in the
 * next one. Each gets what it would have got alone; a call that fails fails for all whose texts were in it.
 */
export function gatherTexts<Vector>(
  encode: (texts: readonly string[]) => Promise<Vector[]>,
): (texts: readonly string[]) => Promise<Vector[]> {
  const queue: Waiting<Vector>[] = [];
  let isBusy = false;

  async function run(): Promise<void> {
    isBusy = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_TEXTS);
      try {
        const vectors = await encode(batch.map(({ text }) => text));
        for (const [at, { resolve }] of batch.entries()) resolve(vectors[at]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isBusy = false;
  }

  return (texts) => {
    const vectors = texts.map(
      (text) =>
        new Promise<Vector>((resolve, reject) => {
          queue.push({ text, resolve, reject });
        }),
    );
    if (!isBusy) void run();
    return Promise.all(vectors);
  };
}
