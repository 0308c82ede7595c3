/** The entry of a job process, forked by `forkJob`. */
import { driveJob } from './drive.ts'

driveJob(async (job) => (await import('../engine/jobs/index.ts')).loadJob(job))
