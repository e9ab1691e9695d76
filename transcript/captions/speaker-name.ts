import type { Transcript } from '../../contracts/transcript.ts';

/** Label to display name, as on the lecture document; a label without a name stands for itself. */
export type SpeakerNames = Readonly<Record<string, string>>;

const TITLES = { lecturer: 'Lecturer', questioner: 'Questioner' } as const;

/**
 * A speaker's name on one line: names are typed by people and shown in files that others open. Who has none is called by label,
 * with the role where one is known: `Lecturer S1`.
 */
export function speakerName(speaker: string, names: SpeakerNames, roles: Transcript['roles'] = {}): string {
  const given = Object.hasOwn(names, speaker) ? (names[speaker] ?? '') : '';
  const line = given.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (line !== '') return line;
  const role = Object.hasOwn(roles, speaker) ? roles[speaker] : undefined;
  return role === undefined || role === 'speaker' ? speaker : `${TITLES[role]} ${speaker}`;
}
