/** Why the system refused a file operation. */

/** The system's code of a failed file operation, such as ENOENT; empty for any other error. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/** What stands for a file or folder that is not there; any other error goes on. */
export function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT') return value
    throw error
  }
}
