export type FailpointMoment = 'before' | 'during' | 'after'

/**
 * Named places where a sandbox process can be told to kill itself (CERTRAIL_FAILPOINT), so that crash tests hit each step.
 * `names` are the step's status and the effect under way; `before` comes when the step is committed and not begun, `during` when it
 * was performed and its outcome is not committed, so that it is performed again, `after` when its outcome is committed.
 */
export interface Failpoints {
  reach(moment: FailpointMoment, names: readonly string[]): Promise<void>
}
