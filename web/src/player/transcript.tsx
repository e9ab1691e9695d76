import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, memo, useEffect, useRef, useState, type ReactNode } from 'react';
import { formatTime } from '../components/format.ts';
import { EditParagraph } from '../editing/edit-paragraph.tsx';
import { RenameSpeaker } from '../editing/rename-speaker.tsx';
import { SpeakerName } from './speaker-name.tsx';
import { findAt, type Paragraph } from './paragraphs.ts';

interface TranscriptProps {
  paragraphs: readonly Paragraph[];
  speakerNames: Readonly<Record<string, string>>;
  seconds: number;
  isFollowing: boolean;
  /** Words heard with less certainty than this are underlined; 0 for none. */
  doubtBelow: number;
  /** Positions of words to mark, and the one to show. */
  marked: ReadonlySet<number>;
  shown: number | undefined;
  onSeek: (seconds: number) => void;
  /** Where the reader may edit: which revision of which lecture this is. */
  editing: { lectureId: string; revision: number } | undefined;
}

/** Lines of text that a paragraph of 60 words takes on a wide window; each is measured once it is drawn. */
const ESTIMATED_PIXELS = 130;

/** The transcript, of which only what can be seen is drawn: three hours are 30,000 words. */
export function Transcript({ paragraphs, seconds, isFollowing, shown, ...rest }: TranscriptProps): ReactNode {
  const box = useRef<HTMLElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its functions are called here only
  const virtualizer = useVirtualizer({
    count: paragraphs.length,
    getScrollElement: () => box.current,
    estimateSize: () => ESTIMATED_PIXELS,
    overscan: 4,
  });
  const active = findAt(paragraphs, seconds);
  useEffect(() => {
    if (isFollowing && active >= 0) virtualizer.scrollToIndex(active, { align: 'center' });
  }, [active, isFollowing, virtualizer]);
  useEffect(() => {
    if (shown === undefined) return;
    const holder = findAt(
      paragraphs.map(({ firstWord }) => ({ startSeconds: firstWord })),
      shown,
    );
    virtualizer.scrollToIndex(holder, { align: 'center' });
  }, [shown, paragraphs, virtualizer]);

  return (
    // The keyboard scrolls it, so it can be reached by it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="transcript" ref={box} aria-label="Transcript" tabIndex={0}>
      <div className="transcript-whole" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const paragraph = paragraphs[index];
          if (paragraph === undefined) return null;
          return (
            <div
              key={key}
              className="transcript-row"
              ref={virtualizer.measureElement}
              data-index={index}
              style={{ translate: `0 ${start}px` }}
            >
              <ParagraphView
                paragraph={paragraph}
                activeWord={index === active ? paragraph.firstWord + findAt(paragraph.words, seconds) : -1}
                shown={shown}
                {...rest}
              />
            </div>
          );
        })}
      </div>
    </section>
  );
}

type ParagraphProps = Omit<TranscriptProps, 'paragraphs' | 'seconds' | 'isFollowing'> & { paragraph: Paragraph; activeWord: number };

const ParagraphView = memo(function ParagraphView(props: ParagraphProps): ReactNode {
  const { paragraph, speakerNames, editing } = props;
  const [isOpen, setIsOpen] = useState(false);
  const { speaker } = paragraph;
  return (
    <>
      {paragraph.isNewTurn && (
        <div className="turn-head">
          <SpeakerName speaker={speaker} names={speakerNames} />
          {editing !== undefined && speaker !== null && <RenameSpeaker {...editing} speaker={speaker} name={speakerNames[speaker]} />}
        </div>
      )}
      {isOpen && editing !== undefined ? (
        <EditParagraph {...editing} paragraph={paragraph} onClose={() => setIsOpen(false)} />
      ) : (
        <Words {...props} onEdit={editing === undefined ? undefined : () => setIsOpen(true)} />
      )}
    </>
  );
});

function Words(props: ParagraphProps & { onEdit: (() => void) | undefined }): ReactNode {
  const { paragraph, activeWord, doubtBelow, marked, shown, onSeek, onEdit } = props;
  return (
    <p>
      <button
        type="button"
        className="plain time"
        onClick={() => onSeek(paragraph.startSeconds)}
        aria-label={`Play from ${formatTime(paragraph.startSeconds)}`}
      >
        {formatTime(paragraph.startSeconds)}
      </button>{' '}
      {paragraph.words.map((word, n) => {
        const position = paragraph.firstWord + n;
        const names = [
          position === activeWord ? 'word-active' : '',
          marked.has(position) ? 'word-marked' : '',
          position === shown ? 'word-shown' : '',
          word.confidence < doubtBelow ? 'word-doubtful' : '',
        ];
        return (
          <Fragment key={position}>
            {/* A word is a shortcut for the pointer; by keyboard the paragraph's time is. */}
            {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
            <span className={names.filter(Boolean).join(' ') || undefined} onClick={() => onSeek(word.startSeconds)}>
              {word.text}
            </span>{' '}
          </Fragment>
        );
      })}
      {onEdit !== undefined && (
        <button type="button" className="plain" onClick={onEdit} aria-label={`Edit from ${formatTime(paragraph.startSeconds)}`}>
          Edit
        </button>
      )}
    </p>
  );
}
