export interface Outcome {
  readonly passed: number
  readonly failed: number
  /** `path: full name`, sorted. */
  readonly skipped: readonly string[]
}

export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export declare function summarize(
  report: VitestReport | null,
  run: { readonly root: string; readonly exitCode: number | null },
): Outcome
export declare function differsFromExpected(skipped: readonly string[], expectedText: string): string[]
export declare function lastLine(outcome: Outcome): string
