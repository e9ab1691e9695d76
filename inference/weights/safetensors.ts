import { z } from 'zod';
import { type ByteFile, elementCount } from './byte-file.ts';
import { openIndexedTensors, type TensorEntry } from './indexed-tensors.ts';
import { ELEMENT_BYTES } from './stored-elements.ts';
import type { StoredType, TensorFile } from './tensor-file.ts';

/** As the reference implementation: a longer header is an attack or an accident. */
const MAX_HEADER_BYTES = 100_000_000;

const TYPES: Readonly<Record<string, StoredType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

const EntrySchema = z.object({
  dtype: z.enum(Object.keys(TYPES)),
  shape: z.array(z.number().int().nonnegative()).max(16),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/**
 * Opens a safetensors file: `u64 length`, a JSON header of that length, the tensors. The header is checked whole
 * before any tensor is read; a wrong one is refused with `invalid-input`.
 */
export function openSafetensors(path: string): TensorFile {
  return openIndexedTensors(path, readHeader);
}

function readHeader(file: ByteFile): Map<string, TensorEntry> {
  const headerBytes = Number(new DataView(file.read(0, 8).buffer).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES) throw file.refuse(`its header claims ${headerBytes} bytes`);
  const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(file, file.read(8, headerBytes)));
  if (!parsed.success) throw file.refuse('its header is not an object');
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name !== '__metadata__') entries.set(name, toEntry(file, name, value, 8 + headerBytes));
  }
  checkLayout(file, [...entries.values()], 8 + headerBytes);
  return entries;
}

function parseJson(file: ByteFile, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw file.refuse('its header is not JSON');
  }
}

function toEntry(file: ByteFile, name: string, value: unknown, dataStart: number): TensorEntry {
  const parsed = EntrySchema.safeParse(value);
  if (!parsed.success) throw file.refuse(`tensor ${name} is described wrongly`);
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const type = TYPES[dtype] ?? 'float32';
  const bytes = (elementCount(shape) ?? Infinity) * ELEMENT_BYTES[type];
  if (offsets[1] - offsets[0] !== bytes) throw file.refuse(`tensor ${name} does not fill its shape`);
  return { dims: shape, type, offset: dataStart + offsets[0], bytes };
}

/** The format wants the tensors back to back up to the end, so that no bytes hide between them and none overlap. */
function checkLayout(file: ByteFile, entries: TensorEntry[], dataStart: number): void {
  let end = dataStart;
  for (const entry of entries.sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    if (entry.offset !== end) throw file.refuse('its tensors overlap or leave gaps');
    end += entry.bytes;
  }
  if (end !== file.size) throw file.refuse(`its tensors end at ${end}, the file at ${file.size}`);
}
