/** So many letters and digits in a row that a message shares with a request are no coincidence. */
const TELLTALE_LETTERS = 20;

/**
 * What a server said, unless it repeats what it was sent: a request holds speech, which belongs in no log and in no history, and
 * servers that check their input quote it.
 */
export function withoutEcho(said: string, sent: unknown): string {
  const [heard, told] = [toLetters(said), toLetters(JSON.stringify(sent) ?? '')];
  for (let start = 0; start + TELLTALE_LETTERS <= heard.length; start += 1) {
    if (told.includes(heard.slice(start, start + TELLTALE_LETTERS))) return 'it repeats what it was sent';
  }
  return said;
}

/** Without what quoting and escaping change. */
function toLetters(text: string): string {
  return text
    .replaceAll(/\\u[0-9a-f]{4}|\\+[a-z]/gi, '')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
