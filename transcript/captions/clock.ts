/** `HH:MM:SS` and milliseconds after `separator`: a dot in WebVTT, a comma in SubRip. */
export function clock(milliseconds: number, separator: '.' | ','): string {
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => digits(part, 2)).join(':');
  return `${time}${separator}${digits(milliseconds % 1000, 3)}`;
}

/** `M:SS`, or `H:MM:SS` from the first hour on, as players show it. */
export function shortClock(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
