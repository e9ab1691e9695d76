import { z } from 'zod';
import { LanguageCodeSchema } from './lecture.ts';

/** What a tenant may have at most; without a number there is no limit. Set by whoever runs the installation. */
export const QuotasSchema = z
  .object({
    lectures: z.int().min(0),
    /** Of recordings as they were uploaded. */
    bytes: z.int().min(0),
    /** Of one recording. */
    uploadBytes: z.int().min(1),
    /** Minutes of recordings that were uploaded in a calendar month (UTC). */
    audioMinutesPerMonth: z.int().min(0),
  })
  .partial();
export type Quotas = z.infer<typeof QuotasSchema>;

/** What a tenant has chosen; what it has not chosen is as it is here. */
export const TenantSettingsSchema = z.object({
  /** Whether voices are kept and compared. They are biometric data: off until somebody turns it on; turning it off deletes them. */
  voiceprints: z.boolean().default(false),
  /**
   * Whether a language model situates each passage when a lecture is ingested. It reads every lecture whole: minutes to hours on one's
   * own machine, money at a provider's, and no gain has been measured with the models at hand. So off: headers do it for nothing.
   */
  languageModelContexts: z.boolean().default(false),
  /** Days after their upload at which lectures are deleted; absent: they are kept. */
  retentionDays: z.int().min(1).max(36_500).optional(),
  /** Languages that may be given with an upload; absent: all that the transcriber knows. */
  languages: z.array(LanguageCodeSchema).min(1).optional(),
  quotas: QuotasSchema.default({}),
});
export type TenantSettings = z.infer<typeof TenantSettingsSchema>;

const ChangeFields = {
  voiceprints: z.boolean(),
  languageModelContexts: z.boolean(),
  retentionDays: TenantSettingsSchema.shape.retentionDays.unwrap().nullable(),
  languages: TenantSettingsSchema.shape.languages.unwrap().nullable(),
};
/** What a tenant's admin changes; `null` takes a choice back. */
export const TenantSettingsChangeSchema = z.strictObject(ChangeFields).partial();
export type TenantSettingsChange = z.infer<typeof TenantSettingsChangeSchema>;

/** What whoever runs the installation changes: quotas too. */
export const TenantConfigurationChangeSchema = z
  .strictObject({
    ...ChangeFields,
    quotas: z
      .strictObject({
        lectures: z.int().min(0).nullable(),
        bytes: z.int().min(0).nullable(),
        uploadBytes: z.int().min(1).nullable(),
        audioMinutesPerMonth: z.int().min(0).nullable(),
      })
      .partial(),
  })
  .partial();
export type TenantConfigurationChange = z.infer<typeof TenantConfigurationChangeSchema>;
