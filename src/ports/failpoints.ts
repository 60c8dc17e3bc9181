/**
 * Named places where a sandbox process can be told to kill itself (CERTRAIL_FAILPOINT), so that crash tests hit each step.
 * `names` are the step's status and the effect under way; `before` comes when the step is committed and not begun, `after` when its outcome is committed.
 */
export interface Failpoints {
  reach(moment: 'before' | 'after', names: readonly string[]): Promise<void>
}
