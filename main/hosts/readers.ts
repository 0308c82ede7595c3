/** Lets whoever reads the output have enough of it before its end (`| head`): that is no failure, and what runs goes on. */
export function letReadersLeave(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}
