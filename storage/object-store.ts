/** A stored object without its bytes. */
export interface ObjectInfo {
  key: string;
  bytes: number;
  /** Changes whenever the content does; opaque. S3 gives the same etag to the same bytes. */
  etag: string;
}

export interface PutOptions {
  contentType?: string;
  /** Write only over this version, else `conflict`. */
  ifMatch?: string;
  /** Write only where nothing is, else `conflict`. */
  ifAbsent?: boolean;
}

/** Bytes `[start, end)`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where Lectern keeps what it knows. Keys are `/`-separated segments of `[A-Za-z0-9._-]`, made by `storage/keys.ts` only;
 * none is the folder of another (MinIO lists nothing below an object).
 * A write is seen whole or not at all. Errors: `not-found`, `conflict`, `out-of-resources` (disk full), `unavailable`.
 */
export interface ObjectStore {
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>;
  /** Whole object in memory: for documents and artifacts, not for media. */
  get(key: string): Promise<{ body: Uint8Array; info: ObjectInfo }>;
  /** A stream of the object or a range of it; what of the range lies behind the end is left out. */
  stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Keys that begin with `prefix`, ascending by their bytes. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /**
   * Names of the folders directly below `prefix`, which must end with `/`, in the order of the keys in them; with `after` only those
   * behind the folder of that name, there or not. What lies in them is not looked at: a page of a catalogue costs its own size.
   */
  listFolders(prefix: string, after?: string): AsyncIterable<string>;
  /** Nothing happens where nothing is. */
  delete(key: string): Promise<void>;
  /** Deletes all below `prefix`, which must end with `/`; returns how many. */
  deletePrefix(prefix: string): Promise<number>;
  /** Throws `unavailable` when the store cannot serve. */
  health(): Promise<void>;
  close(): Promise<void>;
}
