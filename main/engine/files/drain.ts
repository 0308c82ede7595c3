/** Runs a generator to its end where nobody watches its progress. @returns what it returns; whatever it throws */
export async function drain<T>(stage: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}
