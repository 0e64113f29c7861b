/** Ecosystems whose advisories are kept together, as their source publishes them: `Debian` has all of its releases. */
export const families = ['npm', 'Debian', 'Alpine', 'Node.js'] as const
export type Family = (typeof families)[number]
