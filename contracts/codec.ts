import { z } from 'zod';

/** Temporal's payloads as JSON, the form that its UI and a codec endpoint speak: every value is base64. */
export const PayloadsSchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') })).max(10_000),
});
export type Payloads = z.infer<typeof PayloadsSchema>;
