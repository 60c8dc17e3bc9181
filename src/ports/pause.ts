/** Waits in real time; resolves early, without an error, when `signal` aborts. Never for anything that lives by the lifecycle clock. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>
