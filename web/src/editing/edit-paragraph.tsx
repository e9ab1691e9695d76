import { useState, type ReactNode } from 'react';
import { ProblemNotice } from '../components/problem-notice.tsx';
import type { Paragraph } from '../player/paragraphs.ts';
import { useEdit } from './use-edit.ts';
import { findHunks } from './word-hunks.ts';

interface EditParagraphProps {
  lectureId: string;
  revision: number;
  paragraph: Paragraph;
  onClose: () => void;
}

/** The words of a paragraph, to be written anew. The revision that is edited is the one that was shown when it was opened. */
export function EditParagraph({ lectureId, revision, paragraph, onClose }: EditParagraphProps): ReactNode {
  const [opened] = useState({ revision, words: paragraph.words.map(({ text }) => text) });
  const [text, setText] = useState(opened.words.join(' '));
  const edit = useEdit(lectureId);
  const save = () => {
    const operations = findHunks(opened.words, text.split(/\s+/).filter(Boolean)).map(({ from, to, texts }) => ({
      kind: 'replaceWords' as const,
      turn: paragraph.turn,
      from: paragraph.firstOfTurn + from,
      to: paragraph.firstOfTurn + to,
      texts,
    }));
    if (operations.length === 0) onClose();
    else edit.mutate({ baseRevision: opened.revision, operations }, { onSuccess: onClose });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        aria-label="Words of this paragraph"
        rows={4}
        // The button that opened it is gone, and with it the focus.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        dir="auto"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
      />
      <button type="submit" disabled={edit.isPending}>
        Save
      </button>{' '}
      <button type="button" onClick={onClose}>
        Leave as it was
      </button>
      {edit.isError && <ProblemNotice error={edit.error} />}
    </form>
  );
}
