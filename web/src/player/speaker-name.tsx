import type { ReactNode } from 'react';

/** As many as can be told apart side by side; names tell the rest. */
const COLOURS = 8;

/** A speaker by name and mark: the colour only repeats it. */
export function SpeakerName({ speaker, names }: { speaker: string | null; names: Readonly<Record<string, string>> }): ReactNode {
  if (speaker === null) return <h3 className="speaker">Unknown speaker</h3>;
  const number = Number(speaker.slice(1));
  return (
    <h3 className={`speaker speaker-${((number - 1) % COLOURS) + 1}`} dir="auto">
      {names[speaker] ?? `Speaker ${number}`}
    </h3>
  );
}
