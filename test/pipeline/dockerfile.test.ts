/**
 * The Dockerfile of a server: its steps are run as they stand, in a tree that has this machine's own files in the place of the image's
 * (an overlay, which is thrown away), and then what it starts, as its user. Docker itself is not run.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { pack } from '../../packaging/pack.ts'
import { needing } from '../helpers/needs.ts'
import { freePort } from '../helpers/python.ts'
import { bundledMarket } from '../helpers/served.ts'

const FILE = join(import.meta.dirname, '../../packaging/serve/Dockerfile')
/** What npm run and the tests give their children is not in an image, nor is their Node. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_COMPILE_CACHE|NODE_OPTIONS|VITEST)/i.test(name)),
  ),
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
}
const TOKEN = 'a-token-of-this-test'

/** The instructions of a file without continued lines, in their order. */
const instructionsOf = (text: string): [string, string][] =>
  text
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** A shell script of the steps, in `$tree`; the last of USER and ENV count for what is started. */
function scriptOf(instructions: readonly [string, string][], context: string, bundle: string, out: string): string {
  const lines = [
    'set -eu',
    `tree=${out}/tree; mkdir "$tree"`,
    'mount -t tmpfs -o size=6g tmpfs "$tree"',
    'mkdir "$tree/upper" "$tree/work" "$tree/root"',
    'mount -t overlay overlay -o "lowerdir=/,upperdir=$tree/upper,workdir=$tree/work" "$tree/root"',
    'for each in proc dev; do mount --rbind "/$each" "$tree/root/$each"; done',
    'root="$tree/root"',
  ]
  let [user, env, health] = ['root', '', '']
  for (const [name, value] of instructions)
    switch (name) {
      case 'FROM':
      case 'VOLUME':
        break
      case 'COPY': {
        const [from, to] = value.split(' ') as [string, string]
        lines.push(`mkdir -p "$root${to}"`, `cp ${context}/${from} "$root${to}"`)
        break
      }
      case 'RUN':
        lines.push(`chroot "$root" sh -c ${quoted(value)}`)
        break
      case 'USER':
        user = value
        break
      case 'ENV':
        env += ` ${value}`
        break
      case 'HEALTHCHECK':
        health = (JSON.parse(value.slice(value.indexOf('['))) as string[]).map(quoted).join(' ')
        break
      case 'ENTRYPOINT': {
        const command = (JSON.parse(value) as string[]).map(quoted).join(' ')
        const as = (what: string): string =>
          `env -i PATH="$PATH"${env} PYLON_SERVE_TOKEN=${TOKEN} chroot --userspec=${user} "$root" ${what}`
        lines.push(
          `mkdir -p "$root/srv/pylon" && cp ${bundle} "$root/srv/pylon/model.zip"`,
          `${as(command)} > ${out}/said 2>&1 & server=$!`,
          `for i in $(seq 600); do if ${as(health)}; then break; fi; kill -0 $server; sleep 0.2; done`,
          `${as(health)} && echo healthy > ${out}/health`,
          `${as("sh -c 'id -un; touch /srv/pylon/x /usr/local/x 2>/dev/null || echo kept; ls -d /opt/pylon 2>/dev/null || echo tidy'")} > ${out}/user`,
          `touch ${out}/up; while [ -d ${out} ] && [ ! -e ${out}/asked ]; do sleep 0.1; done`,
          `kill -TERM $server; wait $server; echo $? > ${out}/code`,
        )
        break
      }
      default:
        throw new Error(`The test knows no ${name}.`)
    }
  return `${lines.join('\n')}\n`
}

needing('platform:linux', 'right:mount', 'program:unshare', 'program:/usr/bin/npm').test(
  'the steps of the Dockerfile make a server that answers as a user of its own',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'pylon-docker-'))
    try {
      await pack(join(root, 'dist'))
      await bundledMarket(root, ['first.zip'])
      const port = await freePort()
      const instructions = instructionsOf(readFileSync(FILE, 'utf8').replaceAll('8771', String(port)))
      expect(instructions[0]).toEqual(['FROM', expect.stringMatching(/^node:24\b/)])
      writeFileSync(join(root, 'steps.sh'), scriptOf(instructions, join(root, 'dist'), join(root, 'first.zip'), root))
      const child = spawn('unshare', ['--mount', 'sh', join(root, 'steps.sh')], { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] })
      let told = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (told += data.toString()))
      const ended = new Promise<number | null>((done) => child.once('close', done))
      const read = (name: string): string => readFileSync(join(root, name), 'utf8').trim()
      await expect.poll(() => child.exitCode !== null || isThere(join(root, 'up')), { timeout: 600_000, interval: 200 }).toBe(true)
      expect(child.exitCode, `${told}${isThere(join(root, 'said')) ? read('said') : ''}`).toBeNull()
      expect(read('health')).toBe('healthy')
      expect(read('user').split('\n')).toEqual(['pylon', 'kept', 'tidy'])
      const asked = await fetch(`http://127.0.0.1:${port}/v1/recommend`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'u1', k: 3 }),
      })
      const answer = await asked.text()
      writeFileSync(join(root, 'asked'), '')
      expect([asked.status, answer]).toEqual([200, expect.stringContaining('"items":[{"item"')])
      expect(await ended, told).toBe(0)
      expect(read('code')).toBe('0')
    } finally {
      writeFileSync(join(root, 'asked'), '') // what it started ends, whatever was found
      rmSync(root, { recursive: true, force: true, maxRetries: 3 })
    }
  },
  900_000,
)

function isThere(path: string): boolean {
  try {
    readFileSync(path)
    return true
  } catch {
    return false
  }
}
