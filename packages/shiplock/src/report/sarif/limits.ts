/** What GitHub code scanning takes of a file (docs.github.com, "SARIF support for code scanning"); more is refused or dropped there. */
export const githubLimits = {
  runs: 20,
  /** 25,000 are taken and this many kept, by an order that is not ours. */
  resultsPerRun: 5000,
  compressedBytes: 10_000_000,
  locationsPerResult: 100,
  threadFlowLocations: 1000,
  descriptionLength: 1024,
} as const
