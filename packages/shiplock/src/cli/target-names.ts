/** Apart from what opens them: the command line is parsed before anything is loaded. */
export const targetNames = ['local', 'cloud-run'] as const
export type TargetName = (typeof targetNames)[number]
