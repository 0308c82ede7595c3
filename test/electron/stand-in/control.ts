/** How a test steers the stand-in, over the IPC of the main process's Node: named requests with one answer each, and reports. */

type Handler = (input: never) => unknown
const handlers = new Map<string, Handler>()

/** Lets the test ask for something. */
export const onControl = (name: string, handler: Handler): void => void handlers.set(name, handler)

/** Tells the test something it did not ask for. */
export const report = (name: string, value: unknown): void => void process.send?.({ report: name, value })

process.on('message', ({ id, name, input }: { id: number; name: string; input: never }) => {
  void (async () => handlers.get(name)!(input))().then(
    (value) => process.send!({ id, value }),
    (error: unknown) => process.send!({ id, error: String(error) }),
  )
})
// the test is gone
process.on('disconnect', () => process.exit(0))
