import { ByteFile } from './byte-file.ts';
import { decodeElements } from './stored-elements.ts';
import type { StoredType, TensorFile } from './tensor-file.ts';

/** Where a tensor lies in its file. */
export interface TensorEntry {
  dims: number[];
  type: StoredType;
  offset: number;
  bytes: number;
}

/** A weight file whose index is read, and checked, before any tensor; a file that is refused is closed again. */
export function openIndexedTensors(path: string, readIndex: (file: ByteFile) => Map<string, TensorEntry>): TensorFile {
  const file = new ByteFile(path);
  try {
    const entries = readIndex(file);
    const find = (name: string): TensorEntry => {
      const entry = entries.get(name);
      if (entry === undefined) throw file.refuse(`it has no tensor ${name}`);
      return entry;
    };
    return {
      names: () => [...entries.keys()],
      dims: (name) => [...find(name).dims],
      tensor(name) {
        const { dims, type, offset, bytes } = find(name);
        return { dims: [...dims], type, data: decodeElements(type, file.read(offset, bytes)) };
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
