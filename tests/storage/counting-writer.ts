/** A process that counts an object up by compare-and-set: `node counting-writer.ts ROOT KEY TIMES`. Prints a line when it begins. */
import { LecternError } from '../../contracts/errors.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';

const [root = '', key = '', times = '0'] = process.argv.slice(2);
const store = await openFilesystemObjectStore(root);
process.stdout.write('counting\n');
for (let done = 0; done < Number(times);) {
  const { body, info } = await store.get(key);
  const next = String(Number(Buffer.from(body).toString()) + 1);
  try {
    await store.put(key, Buffer.from(next), { ifMatch: info.etag });
    done += 1;
  } catch (error) {
    if (!(error instanceof LecternError) || error.kind !== 'conflict') throw error;
  }
}
