/** What `eval orchestration` measures, each on a stack of its own. */
export const PARTS = ['ingests', 'catalogue', 'semester', 'overhead'] as const;
export type Part = (typeof PARTS)[number];
