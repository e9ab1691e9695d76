import { z } from 'zod';

/** What a tenant has chosen; what it has not chosen is as it is here. */
export const TenantSettingsSchema = z.object({
  /** Whether voices are kept and compared. They are biometric data: off until somebody turns it on; turning it off deletes them. */
  voiceprints: z.boolean().default(false),
});
export type TenantSettings = z.infer<typeof TenantSettingsSchema>;

/** What is to be changed. */
export const TenantSettingsChangeSchema = z.strictObject({ voiceprints: z.boolean() }).partial();
export type TenantSettingsChange = z.infer<typeof TenantSettingsChangeSchema>;
