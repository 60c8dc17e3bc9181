export interface ConfigFinding {
  /** As it was given: a variable, a flag, or a key of certrail.config.json. */
  readonly name: string
  readonly detail: string
}

/** Nothing was started. Lists every bad setting at once, by name, with what is allowed. */
export class InvalidConfig extends Error {
  readonly findings: readonly ConfigFinding[]

  constructor(findings: readonly ConfigFinding[]) {
    const count = findings.length === 1 ? 'one setting is' : `${findings.length} settings are`
    super(
      [
        `Certrail does not start: ${count} not usable.`,
        ...findings.map(({ name, detail }) => `  ${name}: ${detail}`),
      ].join('\n'),
    )
    this.name = 'InvalidConfig'
    this.findings = findings
  }
}
