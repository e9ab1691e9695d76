// `ms@3.0.0-canary.1` hides its types from Node's resolution, which makes every `Duration` of Temporal silently `any`.
declare module 'ms' {
  type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'second' | 'seconds' | 'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days';
  export type StringValue = `${number}` | `${number}${Unit}` | `${number} ${Unit}`;
}
