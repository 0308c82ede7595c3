import { defineConfig } from 'vitest/config'
import page from './vite.config.ts'

/** How long what is polled may take: a second, the default, is short where others use the machine. */
const expectations = { poll: { timeout: 20_000 } }

/**
 * `unit` is the quick loop; `renderer` mounts components in a small DOM; `pipeline` runs the real stages and the
 * command line in throw-away workspaces; `interop` reads the exports with the libraries they are for; `e2e` drives the
 * built page in a real Chromium, behind the web host and in the desktop shell.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          expect: expectations,
          testTimeout: 30_000, // on a busy machine what takes a second alone was seen to take nine
        },
      },
      {
        resolve: page.resolve,
        plugins: page.plugins,
        define: page.define,
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.ts'],
          environment: 'happy-dom',
          pool: 'forks',
          expect: expectations,
          testTimeout: 30_000, // as above: the first of a file loads the page's parts
        },
      },
      {
        test: {
          name: 'pipeline',
          include: ['test/pipeline/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          expect: expectations,
          testTimeout: 300_000,
          hookTimeout: 900_000, // a set-up trains and exports; on a busy machine one took 317 s
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          environment: 'node',
          pool: 'forks',
          expect: expectations,
          testTimeout: 300_000,
          hookTimeout: 900_000, // a set-up trains and exports; on a busy machine one took 317 s
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/electron/**/*.test.ts'],
          globalSetup: ['test/e2e/setup.ts'],
          setupFiles: ['test/e2e/needs-chromium.ts'],
          environment: 'node',
          pool: 'forks',
          expect: expectations,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
