/** A job makes way for the machine's owner, and for whoever asked it to be nicer than that. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import { expect, test } from 'vitest'
import { entry } from '../../helpers/job-bodies.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

test.each([
  [0, 5],
  [11, 11],
])('a job that is started at niceness %i works at %i', (niceness, expected) =>
  withWorkspace(async (folder) => {
    const child = fork(entry, { serialization: 'advanced' })
    // long before the process has come so far as to set its own
    if (niceness > os.getPriority(child.pid)) os.setPriority(child.pid!, niceness)
    child.send({ kind: 'start', job: 'import', input: { input: { name: 'slow' }, folder }, threads: 1, temp: folder })
    await once(child, 'message')
    expect(os.getPriority(child.pid)).toBe(Math.max(expected, os.getPriority()))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }),
)
