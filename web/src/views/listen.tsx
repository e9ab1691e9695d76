import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { LectureView } from '../../../contracts/api.ts';
import type { TranscriptView } from '../client/queries.ts';
import { formatTime } from '../components/format.ts';
import { toParagraphs } from '../player/paragraphs.ts';
import { SearchInTranscript } from '../player/search-in-transcript.tsx';
import { Shortcuts, type Shortcut } from '../player/shortcuts.tsx';
import { Transcript } from '../player/transcript.tsx';
import { RATES, usePlayback, type Playback } from '../player/use-playback.ts';

interface ListenProps {
  lecture: LectureView;
  transcript: TranscriptView;
  startSeconds: number;
  mayEdit: boolean;
}

const NOTHING: { marked: ReadonlySet<number>; shown: number | undefined } = { marked: new Set(), shown: undefined };

/** The recording and its transcript, each following the other. */
export function Listen({ lecture, transcript, startSeconds, mayEdit }: ListenProps): ReactNode {
  const media = useRef<HTMLVideoElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const playback = usePlayback(media, startSeconds);
  const paragraphs = useMemo(() => toParagraphs(transcript.turns), [transcript]);
  const words = useMemo(() => paragraphs.flatMap((paragraph) => paragraph.words), [paragraphs]);
  const [isFollowing, setIsFollowing] = useState(true);
  const [doubtBelow, setDoubtBelow] = useState(0);
  const [found, setFound] = useState(NOTHING);
  const [isEditing, setIsEditing] = useState(false);
  const [isSoundOnly, setIsSoundOnly] = useState(false);
  const latest = useRef(playback);
  useEffect(() => {
    latest.current = playback;
  });
  const seek = useCallback((seconds: number) => latest.current.playAt(seconds), []);
  return (
    <>
      <section className="player" aria-label="Player">
        {/* A video element plays sound alone, too, and shows captions, which an audio element cannot. */}
        <video
          ref={media}
          controls
          preload="metadata"
          src={`/api/v1/lectures/${lecture.lectureId}/media`}
          className={isSoundOnly ? 'sound-only' : undefined}
          onLoadedMetadata={(event) => setIsSoundOnly(event.currentTarget.videoHeight === 0)}
        >
          <track
            kind="captions"
            label="Transcript"
            srcLang={transcript.language}
            src={`/api/v1/lectures/${lecture.lectureId}/transcript?format=vtt`}
            default
          />
        </video>
        <div className="controls">
          <Speed playback={playback} />
          <ShareLink lectureId={lecture.lectureId} seconds={playback.seconds} />
          <label>
            <input type="checkbox" checked={isFollowing} onChange={(event) => setIsFollowing(event.target.checked)} /> Follow
          </label>
          <label>
            Underline words heard with less certainty than{' '}
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={doubtBelow}
              onChange={(event) => setDoubtBelow(Number(event.target.value))}
            />{' '}
            <output>{Math.round(doubtBelow * 100)} %</output>
          </label>
          {mayEdit && (
            <label>
              <input type="checkbox" checked={isEditing} onChange={(event) => setIsEditing(event.target.checked)} /> Edit
            </label>
          )}
          <PlayerKeys playback={playback} onSearch={() => searchField.current?.focus()} />
        </div>
        <SearchInTranscript words={words} field={searchField} onFound={setFound} />
      </section>
      <Transcript
        paragraphs={paragraphs}
        speakerNames={lecture.speakerNames}
        seconds={playback.seconds}
        isFollowing={isFollowing && found.shown === undefined}
        doubtBelow={doubtBelow}
        marked={found.marked}
        shown={found.shown}
        onSeek={seek}
        editing={isEditing ? { lectureId: lecture.lectureId, revision: transcript.revision } : undefined}
      />
    </>
  );
}

function Speed({ playback }: { playback: Playback }): ReactNode {
  return (
    <label>
      Speed{' '}
      <select value={playback.rate} onChange={(event) => playback.setRate(Number(event.target.value))}>
        {RATES.map((rate) => (
          <option key={rate} value={rate}>
            {rate}
          </option>
        ))}
      </select>
    </label>
  );
}

function ShareLink({ lectureId, seconds }: { lectureId: string; seconds: number }): ReactNode {
  const [copied, setCopied] = useState<string>();
  const at = Math.floor(seconds);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          const link = `${window.location.origin}/lectures/${lectureId}?t=${at}`;
          navigator.clipboard.writeText(link).then(
            () => setCopied(`Copied: ${formatTime(at)}`),
            // Without leave to write there, the link can still be taken by hand.
            () => setCopied(link),
          );
        }}
      >
        Copy a link to {formatTime(at)}
      </button>
      <output>{copied}</output>
    </>
  );
}

const STEP_SECONDS = 10;

function PlayerKeys({ playback, onSearch }: { playback: Playback; onSearch: () => void }): ReactNode {
  const faster = (by: number) =>
    RATES[Math.min(RATES.length - 1, Math.max(0, RATES.findIndex((rate) => rate === playback.rate) + by))] ?? 1;
  const shortcuts: Shortcut[] = [
    { key: ' ', label: 'Space', does: 'play or pause', run: playback.toggle },
    { key: 'j', label: 'J', does: `${STEP_SECONDS} seconds back`, run: () => playback.seek(playback.seconds - STEP_SECONDS) },
    { key: 'l', label: 'L', does: `${STEP_SECONDS} seconds on`, run: () => playback.seek(playback.seconds + STEP_SECONDS) },
    { key: 's', label: 'S', does: 'slower', run: () => playback.setRate(faster(-1)) },
    { key: 'f', label: 'F', does: 'faster', run: () => playback.setRate(faster(1)) },
    { key: '/', label: '/', does: 'search in this lecture', run: onSearch },
  ];
  return <Shortcuts shortcuts={shortcuts} />;
}
