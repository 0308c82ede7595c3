/** Signals that ask a process to end (Ctrl-C, SIGTERM, a closed terminal), as one callback. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One Ctrl-C may arrive twice, from the terminal and passed on by a parent. */
const SAME_SIGNAL_MS = 500

/** Calls `hear` at each of them, one that arrives twice counted once. @returns what ends it */
export function onSignal(onInterrupt: () => void): () => void {
  let last = -Infinity
  const listener = (): void => {
    const now = performance.now()
    if (now - last < SAME_SIGNAL_MS) return
    last = now
    onInterrupt()
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}
