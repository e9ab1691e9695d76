/** Where a decoding stands among the terms: a place in the trie of their tokens. */
export interface TermPlace {
  readonly children: ReadonlyMap<number, TermPlace>;
  /** What the tokens since the last whole term have gained, and lose again unless they become one. */
  readonly owed: number;
}

/** Terms that decoding leans towards. */
export interface TermBias {
  readonly start: TermPlace;
  /** Natural logarithm that is added to the score of `token` at `place`, and where it leads. */
  advance(place: TermPlace, token: number): { place: TermPlace; gain: number };
}

interface Node extends TermPlace {
  children: Map<number, Node>;
  owed: number;
  isWhole: boolean;
}

/**
 * Shallow fusion over token ids: every token that begins or continues a term gains `gainPerToken`; one that leaves a term before its
 * end pays back what the term's tokens gained. Where no term is in question nothing changes.
 */
export function createTermBias(terms: readonly (readonly number[])[], gainPerToken: number): TermBias {
  const start = createNode();
  for (const tokens of terms) {
    let node = start;
    for (const token of tokens) {
      const next = node.children.get(token) ?? createNode();
      node.children.set(token, next);
      node = next;
    }
    node.isWhole = true;
  }
  owe(start, 0, gainPerToken);
  return {
    start,
    advance(place, token) {
      const inside = place.children.get(token);
      if (inside !== undefined) return { place: inside, gain: gainPerToken };
      const fresh = start.children.get(token);
      return { place: fresh ?? start, gain: (fresh === undefined ? 0 : gainPerToken) - place.owed };
    },
  };
}

function createNode(): Node {
  return { children: new Map(), owed: 0, isWhole: false };
}

/** A whole term owes nothing; longer terms that begin with it owe only what comes after. */
function owe(node: Node, owed: number, gainPerToken: number): void {
  node.owed = node.isWhole ? 0 : owed;
  for (const child of node.children.values()) owe(child, node.owed + gainPerToken, gainPerToken);
}
