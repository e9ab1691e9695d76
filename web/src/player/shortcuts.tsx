import { useEffect, useRef, useState, type ReactNode } from 'react';

export interface Shortcut {
  key: string;
  /** What people read: `Space`, `J`. */
  label: string;
  does: string;
  run: () => void;
}

const STORED_AS = 'lectern-shortcuts';

/** Single keys that steer the player, never while something is typed; they can be switched off (WCAG 2.1.4). */
export function Shortcuts({ shortcuts }: { shortcuts: readonly Shortcut[] }): ReactNode {
  const [isOn, setIsOn] = useState(() => localStorage.getItem(STORED_AS) !== 'off');
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const shortcut = latest.current.find(({ key }) => key === event.key.toLowerCase());
      if (shortcut === undefined) return;
      event.preventDefault();
      shortcut.run();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [isOn]);
  return (
    <details>
      <summary>Keys</summary>
      <label>
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            setIsOn(event.target.checked);
            localStorage.setItem(STORED_AS, event.target.checked ? 'on' : 'off');
          }}
        />{' '}
        Single keys steer the player
      </label>
      <dl className="keys">
        {shortcuts.map(({ label, does }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Controls have keys of their own: Space presses a button. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, button, summary, a, audio, video, [contenteditable]') !== null
  );
}
