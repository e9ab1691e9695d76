/** FNV-1a over UTF-8, 32 bits: at a million distinct terms one in nine thousand shares its number with another. */
export function hashTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(term)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
