/** Label to display name, as on the lecture document; a label without a name stands for itself. */
export type SpeakerNames = Readonly<Record<string, string>>;

/** A speaker's name on one line: names are typed by people and shown in files that others open. */
export function speakerName(speaker: string, names: SpeakerNames): string {
  const given = Object.hasOwn(names, speaker) ? (names[speaker] ?? '') : '';
  const line = given.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line === '' ? speaker : line;
}
