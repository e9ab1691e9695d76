import { z } from 'zod';
import { ErasureSchema } from './erasure.ts';
import { LectureIdSchema, TenantIdSchema } from './identity.ts';
import { TenantSettingsSchema } from './tenant-settings.ts';

/** What a tenant has, in the units of its quotas. */
export const TenantUsageSchema = z.object({
  lectures: z.int(),
  bytes: z.int(),
  /** Of lectures that were uploaded in this calendar month (UTC) and whose length is known. */
  audioMinutesThisMonth: z.number(),
});
export type TenantUsage = z.infer<typeof TenantUsageSchema>;

export const TenantViewSchema = z.object({
  tenantId: TenantIdSchema,
  settings: TenantSettingsSchema,
  usage: TenantUsageSchema,
  /** The last erasure of this id, where there was one. */
  erasure: ErasureSchema.optional(),
});
export type TenantView = z.infer<typeof TenantViewSchema>;

/** Lectures that are older than the tenant keeps them. */
export const RetentionSchema = z.object({
  /** `null`: nothing is deleted by age. */
  retentionDays: z.int().nullable(),
  expired: z.array(z.object({ lectureId: LectureIdSchema, createdAt: z.iso.datetime() })),
  /** How many of them are deleted now. */
  deleted: z.int(),
});
export type Retention = z.infer<typeof RetentionSchema>;

/** The id again, typed out: nobody erases a tenant by mistake. */
export const EraseRequestSchema = z.strictObject({ confirm: TenantIdSchema });
