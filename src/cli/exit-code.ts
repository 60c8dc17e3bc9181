/** What a shell sees. Contract: CLI. `exec` passes its command's own code on instead. */
export const EXIT = { done: 0, failed: 1, usage: 2, unfinished: 3 } as const
