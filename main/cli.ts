#!/usr/bin/env node
/** The command line's entry: makes sure that this Node can run Pylon before anything of it is loaded. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `error: Pylon needs Node 24.15 or newer, this is ${process.version}: run it with "npm run -s pylon --", which brings its own.\n`,
  )
  process.exitCode = 2
} else {
  const { letReadersLeave } = await import('./hosts/readers.ts')
  letReadersLeave()
  const { main } = await import('./cli/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
export {}
