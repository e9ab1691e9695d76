import { useEffect, useMemo, useState, useSyncExternalStore, type RefObject } from 'react';

/** The media element as the views use it. */
export interface Playback {
  seconds: number;
  isPlaying: boolean;
  rate: number;
  seek: (seconds: number) => void;
  /** From there on. */
  playAt: (seconds: number) => void;
  toggle: () => void;
  setRate: (rate: number) => void;
}

export const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** Browsers tell the time four times a second while they play: a word lasts about as long. */
const EVENTS = ['timeupdate', 'seeking', 'play', 'pause', 'ended', 'ratechange', 'loadedmetadata'] as const;

export function usePlayback(element: RefObject<HTMLMediaElement | null>, startSeconds: number): Playback {
  const [isReady, setIsReady] = useState(false);
  useEffect(() => {
    const media = element.current;
    if (media === null) return undefined;
    const begin = () => {
      if (startSeconds > 0) media.currentTime = startSeconds;
      setIsReady(true);
    };
    if (media.readyState > 0) begin();
    else media.addEventListener('loadedmetadata', begin, { once: true });
    return () => media.removeEventListener('loadedmetadata', begin);
  }, [element, startSeconds]);

  const subscribe = useMemo(
    () => (changed: () => void) => {
      const media = element.current;
      for (const event of EVENTS) media?.addEventListener(event, changed);
      return () => {
        for (const event of EVENTS) media?.removeEventListener(event, changed);
      };
    },
    // The element is there from `isReady` on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [element, isReady],
  );
  const seconds = useSyncExternalStore(subscribe, () => element.current?.currentTime ?? startSeconds);
  const isPlaying = useSyncExternalStore(subscribe, () => element.current?.paused === false);
  const rate = useSyncExternalStore(subscribe, () => element.current?.playbackRate ?? 1);

  const seek = (to: number) => {
    if (element.current !== null) element.current.currentTime = Math.max(0, to);
  };
  const play = () => void element.current?.play().catch(ignoreInterruption);
  return {
    seconds,
    isPlaying,
    rate,
    seek,
    playAt(to) {
      seek(to);
      play();
    },
    toggle: () => (element.current?.paused === false ? element.current.pause() : play()),
    setRate(to) {
      if (element.current !== null) element.current.playbackRate = to;
    },
  };
}

/** A pause before playing began is no failure; that it cannot play shows on the element itself. */
function ignoreInterruption(error: unknown): void {
  if (!(error instanceof DOMException)) throw error;
}
