import type { LectureId } from '../contracts/identity.ts';

/** `<lectureId>:<generation>:<ordinal>`: an id is good for one generation only, so a citation cannot outlive its text. */
export function toChunkId(lectureId: LectureId, generation: string, ordinal: number): string {
  return `${lectureId}:${generation}:${ordinal}`;
}

export function parseChunkId(chunkId: string): { lectureId: LectureId; generation: string; ordinal: number } | undefined {
  const match = /^([^:]+):(.+):(\d+)$/.exec(chunkId);
  return match ? { lectureId: match[1]!, generation: match[2]!, ordinal: Number(match[3]) } : undefined;
}
