const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal asks for a stop; later ones are the same wish, not another (Ctrl-C reaches a process twice under npm). */
export function nextStopSignal() {
  let settle: (code: number) => void = () => {}
  const received = new Promise<number>((resolve) => {
    settle = resolve
  })
  const onSignal = () => settle(0)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    /** The exit code. */
    received,
    now: (code: number) => settle(code),
    close: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
