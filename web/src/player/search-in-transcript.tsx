import { useMemo, useState, type ReactNode, type RefObject } from 'react';
import { findPhrase, toSearchWords, type TranscriptWord } from './paragraphs.ts';

interface SearchProps {
  words: readonly TranscriptWord[];
  field: RefObject<HTMLInputElement | null>;
  onFound: (found: { marked: ReadonlySet<number>; shown: number | undefined }) => void;
}

/** Finds words of this lecture, and steps from one place to the next. */
export function SearchInTranscript({ words, field, onFound }: SearchProps): ReactNode {
  const [phrase, setPhrase] = useState('');
  const [step, setStep] = useState(0);
  const places = useMemo(() => findPhrase(words, phrase), [words, phrase]);
  const show = (wanted: string, found: readonly number[], at: number) => {
    const length = toSearchWords(wanted).length;
    setStep(at);
    onFound({ marked: new Set(found.flatMap((place) => Array.from({ length }, (_, n) => place + n))), shown: found[at] });
  };
  const go = (by: number) => places.length > 0 && show(phrase, places, (step + by + places.length) % places.length);
  return (
    <search className="search-inside">
      <label htmlFor="search-inside">Search in this lecture</label>
      <input
        id="search-inside"
        ref={field}
        type="search"
        value={phrase}
        onChange={(event) => {
          setPhrase(event.target.value);
          show(event.target.value, findPhrase(words, event.target.value), 0);
        }}
        onKeyDown={(event) => event.key === 'Enter' && go(event.shiftKey ? -1 : 1)}
      />
      <button type="button" onClick={() => go(-1)} disabled={places.length === 0}>
        Previous
      </button>
      <button type="button" onClick={() => go(1)} disabled={places.length === 0}>
        Next
      </button>
      <output className="quiet">{phrase !== '' && (places.length === 0 ? 'not said here' : `${step + 1} of ${places.length}`)}</output>
    </search>
  );
}
