/** Values by key, the least recently used dropped first when they take more than their bytes. */
export interface ByteLru<Value> {
  get(key: string): Value | undefined;
  /** A value that alone is too large is not kept. */
  set(key: string, value: Value): void;
}

export function createByteLru<Value>(maxBytes: number, bytesOf: (value: Value) => number): ByteLru<Value> {
  // A Map keeps the order of insertion: its first key is the one that was not used for longest.
  const values = new Map<string, Value>();
  let bytes = 0;
  const drop = (key: string): void => {
    const value = values.get(key);
    if (value === undefined) return;
    bytes -= bytesOf(value);
    values.delete(key);
  };
  return {
    get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      const size = bytesOf(value);
      if (size > maxBytes) return;
      values.set(key, value);
      bytes += size;
      for (const oldest of values.keys()) {
        if (bytes <= maxBytes) return;
        drop(oldest);
      }
    },
  };
}
