export interface Holder {
  /** 0: it did not answer. */
  readonly pid: number
  /** RFC 3339, when the holder's process began. */
  readonly startedAt: string
}

export interface Lock {
  /** Idempotent. */
  release(): Promise<void>
}

export declare class LockHeldError extends Error {
  constructor(directory: string, holder: Holder)
  readonly holder: Holder
}

export declare function acquireHomeLock(home: string): Promise<Lock>

export declare function acquireDirectoryLock(
  directory: string,
  purpose: string,
  options?: { readonly byFile?: boolean },
): Promise<Lock>
