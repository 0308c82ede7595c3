/** Before every journey: where there is no Chromium it is skipped and says so. Over Electron itself none is needed. */
import { beforeEach } from 'vitest'
import { needing } from '../helpers/needs.ts'

const missing = process.env['PYLON_ELECTRON'] === 'real' ? null : needing('chromium').missing
beforeEach(({ skip }) => skip(missing !== null, missing ?? undefined))
