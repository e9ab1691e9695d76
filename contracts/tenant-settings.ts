import { z } from 'zod';

/** What a tenant has chosen; what it has not chosen is as it is here. */
export const TenantSettingsSchema = z.object({
  /** Whether voices are kept and compared. They are biometric data: off until somebody turns it on; turning it off deletes them. */
  voiceprints: z.boolean().default(false),
  /**
   * Whether a language model situates each passage when a lecture is ingested. It reads every lecture whole: minutes to hours on one's
   * own machine, money at a provider's, and no gain has been measured with the models at hand. So off: headers do it for nothing.
   */
  languageModelContexts: z.boolean().default(false),
});
export type TenantSettings = z.infer<typeof TenantSettingsSchema>;

/** What is to be changed. */
export const TenantSettingsChangeSchema = z.strictObject({ voiceprints: z.boolean(), languageModelContexts: z.boolean() }).partial();
export type TenantSettingsChange = z.infer<typeof TenantSettingsChangeSchema>;
