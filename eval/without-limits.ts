/** Environment of an API whose throughput is measured: the limits of a tenant would be all that is seen. */
export const WITHOUT_LIMITS = { LECTERN_REQUESTS_PER_MINUTE: '0', LECTERN_UPLOADS_PER_MINUTE: '0', LECTERN_QUESTIONS_PER_MINUTE: '0' };
