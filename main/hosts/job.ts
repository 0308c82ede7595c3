/** The entry of a job process, forked by `forkJob`. */
import { guardModules } from '../engine/towers/match-module.ts'
import { driveJob } from './drive.ts'
import { guardOfProcess } from './child.ts'

const guard = guardOfProcess()
guardModules(guard)
driveJob(async (job) => (await import('../engine/jobs/index.ts')).loadJob(job), guard)
