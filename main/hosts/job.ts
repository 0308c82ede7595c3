/** The entry of a job process, forked by `forkJob`. */
import { guardModules } from '../engine/towers/match-module.ts'
import { jobMain } from './job-main.ts'
import { guardOfProcess } from './child.ts'

const guard = guardOfProcess()
guardModules(guard)
jobMain(async (job) => (await import('../engine/jobs/index.ts')).loadJob(job), guard)
