/** How a run can be told on standard output. */
export const reportFormats = ['pretty', 'json', 'sarif', 'github', 'junit'] as const
export type ReportFormat = (typeof reportFormats)[number]
