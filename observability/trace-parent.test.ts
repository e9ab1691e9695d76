import { expect, it } from 'vitest';
import { readTraceId } from './trace-parent.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

it('reads the trace id of a traceparent', () => {
  expect(readTraceId(`00-${ID}-00f067aa0ba902b7-01`)).toBe(ID);
});

it.each([
  undefined,
  '',
  ID,
  `00-${ID}-00f067aa0ba902b7`,
  `00-${ID.toUpperCase()}-00f067aa0ba902b7-01`,
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID}-00f067aa0ba902b7-01\n"injected":1`,
])('takes %j for none', (header) => {
  expect(readTraceId(header)).toBeUndefined();
});
