/** `npm run test:electron`: the desktop program's journeys over Electron itself instead of the stand-in. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../../main/start/build.ts'
import { hasDisplay, electronBinary } from '../../main/start/electron.ts'

if (electronBinary() === null) {
  process.stderr.write('error: Electron\'s binary is not here: run "npm run setup:electron".\n')
  process.exitCode = 2
} else if (!hasDisplay()) {
  process.stderr.write('error: there is no display: run this under xvfb-run.\n')
  process.exitCode = 2
} else {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'e2e', 'test/electron'], {
    stdio: 'inherit',
    env: { ...process.env, PYLON_ELECTRON: 'real' },
  })
  process.exitCode = status ?? 1
}
