import { useState, type ReactNode } from 'react';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useEdit } from './use-edit.ts';

interface RenameSpeakerProps {
  lectureId: string;
  revision: number;
  speaker: string;
  name: string | undefined;
}

/** Gives a speaker a name everywhere in the lecture; an empty one takes it away. */
export function RenameSpeaker({ lectureId, revision, speaker, name }: RenameSpeakerProps): ReactNode {
  const [wanted, setWanted] = useState<string>();
  const edit = useEdit(lectureId);
  if (wanted === undefined) {
    return (
      <button type="button" className="plain" onClick={() => setWanted(name ?? '')}>
        Rename
      </button>
    );
  }
  return (
    <form
      className="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const operation = { kind: 'renameSpeaker' as const, speaker, name: wanted.trim() === '' ? null : wanted.trim() };
        edit.mutate({ baseRevision: revision, operations: [operation] }, { onSuccess: () => setWanted(undefined) });
      }}
    >
      <input
        aria-label={`Name of speaker ${speaker.slice(1)}`}
        maxLength={100}
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        dir="auto"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <button type="submit" disabled={edit.isPending}>
        Save
      </button>
      <button type="button" onClick={() => setWanted(undefined)}>
        Leave as it was
      </button>
      {edit.isError && <ProblemNotice error={edit.error} />}
    </form>
  );
}
